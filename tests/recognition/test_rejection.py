"""Images of none of the labels: the output that separates them, how it is fitted and how it is measured."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from recognition.cli.main import main
from recognition.engine.session import LiveSession
from recognition.errors import CardInvalid
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import read_still
from recognition.lab.evaluation.rejection import auroc, half_of, open_outputs, threshold_keeping
from recognition.lab.evaluation.samples import two_faces_file
from recognition.models.calibration import toward_even
from recognition.models.cards import Card, Head, load_card, load_cards, save_card
from recognition.models.labels import softmax
from recognition.pipeline import ImageRequest, Pipeline
from recognition.prediction import answer_image
from recognition.served_models import ServedModels
from recognition.types import FloatArray
from tests.recognition.tiny_models import write_tiny_model

LABELS = ("forest", "sea")
WIDE = st.floats(-80, 80, width=32)


@given(st.lists(WIDE, min_size=2, max_size=9), WIDE)
def test_an_unknown_image_has_even_probabilities_in_the_same_order(logits: list[float], known: float) -> None:
    before = softmax(np.array(logits, np.float32))
    after = toward_even(before, np.array(known, np.float32))

    assert after.sum() == pytest.approx(1, abs=1e-4)
    assert after[before.argmax()] == pytest.approx(after.max(), abs=1e-6)
    assert after.max() <= before.max() + 1e-6
    if known > 20:
        assert after == pytest.approx(before, abs=1e-4)
    if known < -20:
        assert after == pytest.approx(1 / len(logits), abs=1e-4)


def test_a_head_without_the_output_answers_as_before() -> None:
    logits = np.array([2.0, 0.0, -50.0], np.float32)
    plain = Head(LABELS, 1.0, 0.5)
    assert plain.probabilities(logits)[0] == pytest.approx(0.88, abs=0.01)
    assert replace(plain, known_at=2).probabilities(logits) == pytest.approx([0.5, 0.5])


@pytest.fixture
def tiny(tmp_path: Path) -> Card:
    return load_card(write_tiny_model(tmp_path / "model", LABELS, channels=3).with_suffix(".json"))


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()


def test_the_output_counts_among_the_networks(tiny: Card) -> None:
    assert (tiny.classes, tiny.outputs, tiny.heads[0].known_at) == (2, 2, None)
    model = replace(tiny, rejects_unknown=True)
    assert (model.classes, model.outputs, model.heads[0].known_at) == (3, 3, 2)


def test_a_card_cannot_have_it_beside_further_heads(tiny: Card, tmp_path: Path) -> None:
    wrong = replace(tiny, rejects_unknown=True, more_heads=(Head(LABELS, 1.0, 0.5, first=2),))
    save_card(wrong, tmp_path / "model")
    with pytest.raises(CardInvalid, match="rejects_unknown"):
        load_card(tmp_path / "model" / "model.json")


def test_an_unknown_image_is_uncertain_at_once_and_over_time(tiny: Card) -> None:
    card = replace(tiny, rejects_unknown=True, thresholds={"uncertain": 0.7})
    live = LiveSession(card, card.name)
    known, unknown = (answer_image(np.array([5, 0, last], np.float32), card) for last in (6, -6))

    assert (known.label, known.uncertain, unknown.uncertain) == ("forest", False, True)
    shown = [live.update_image(known, at / 10) for at in range(10)]
    gone = [live.update_image(unknown, 1 + at / 10) for at in range(20)]
    assert not shown[-1].uncertain
    assert not gone[0].uncertain  # one odd frame among others changes nothing
    assert gone[-1].uncertain


def paint(folder: Path, count: int, bgr: tuple[int, int, int], seed: int) -> None:
    """Write images of one colour with noise."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(seed)
    for number in range(count):
        pixels = np.clip(np.array(bgr) + noise.normal(0, 12, (16, 16, 3)), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), pixels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for split, count in (("train", 40), ("val", 20), ("test", 20)):
        paint(tmp_path / "data" / split / "forest", count, (30, 160, 30), 1)
        paint(tmp_path / "data" / split / "sea", count, (200, 90, 20), 2)
    paint(tmp_path / "unknown", 60, (40, 40, 230), 3)
    paint(tmp_path / "others", 40, (40, 40, 230), 4)
    return tmp_path / "data"


def fitted(tiny: Card, data: Path) -> Card:
    folder = data.parent
    words = ["--model", str(folder / "model" / "model.json"), "--data", str(data), "--device", "cpu"]
    out = ["--out", str(folder / "out")]
    assert main(["fit-rejection", *words, "--unknown", str(folder / "unknown"), *out]) == 0
    return load_card(folder / "out" / f"{tiny.name}.json")


def test_fitting_leaves_the_labels_logits_and_adds_one_output(tiny: Card, data: Path) -> None:
    card = fitted(tiny, data)
    pixels = np.random.default_rng(0).integers(0, 255, (5, 16, 16, 3), np.uint8)
    before = open_outputs(tiny, data.parent / "model", "cpu")(pixels)
    after = open_outputs(card, data.parent / "out", "cpu")(pixels)

    assert after.shape == (5, 3)
    assert after[:, :2] == pytest.approx(before, abs=1e-5)
    assert card.parameters == tiny.parameters + 17
    assert card.sha256 != tiny.sha256


def test_it_keeps_its_own_kind_and_rejects_the_other(
    tiny: Card, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted(tiny, data)
    capsys.readouterr()
    words = ["--model", str(data.parent / "out" / "model.json"), "--data", str(data), "--device", "cpu"]
    assert main(["evaluate-rejection", *words, "--unknown", str(data.parent / "others"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert report["n"]["choose"] + report["n"]["report"] == 40
    assert set(report["scores"]) == {"confidence", "max_probability", "max_logit", "energy", "margin"}
    assert report["served"]["kept_val"] >= 0.95
    assert report["served"]["kept_test"] >= 0.9
    assert report["served"]["rejected_report"] > 0.9
    assert list(report["served"]["rejected_by_folder"]) == [str(data.parent / "others")]
    assert main(["evaluate-rejection", *words, "--unknown", str(data.parent / "others")]) == 0
    assert "rejected as served" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "folder", "complaint"),
    [("se_resnet", "unknown", "answers for faces"), ("", "nowhere", "no readable image")],
)
def test_wrong_use_is_refused_with_the_reason(
    tiny: Card, data: Path, capsys: pytest.CaptureFixture[str], model: str, folder: str, complaint: str
) -> None:
    named = model or str(data.parent / "model" / "model.json")
    words = ["--model", named, "--data", str(data), "--unknown", str(data.parent / folder)]
    assert main(["evaluate-rejection", *words]) != 0
    assert complaint in capsys.readouterr().err


def test_halves_depend_on_the_name_alone() -> None:
    names = [f"{number}.jpg" for number in range(1000)]
    halves = [half_of(name) for name in names]
    assert halves[:4] == [half_of(name) for name in names[:4]]
    assert 400 < halves.count("choose") < 600


@pytest.mark.parametrize(("share", "threshold"), [(1.0, 0.1), (0.9, 0.2), (0.5, 0.6)])
def test_the_threshold_keeps_at_least_the_share(share: float, threshold: float) -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]) + 0.001
    assert threshold_keeping(scores.astype(np.float32), share) == threshold


def test_auroc_counts_ties_half() -> None:
    def of(*scores: float) -> FloatArray:
        return np.array(scores, np.float32)

    assert auroc(of(2, 3), of(0, 1)) == 1
    assert auroc(of(1, 1), of(1, 1)) == 0.5
    assert auroc(of(0, 2), of(1)) == 0.5


def test_two_men_indoors_are_no_scene() -> None:
    models = ServedModels.read(default_weights_folder())
    card = load_cards(default_weights_folder())["scenes"]
    models.prepare("cpu", default_cache_folder(), lambda line: None)
    pipeline = Pipeline.open(models, "cpu", default_cache_folder(), min_score=0.25)
    (result,) = pipeline.recognize([ImageRequest.of_still(read_still(two_faces_file()), card.name, 448)])

    assert result.picture is not None
    assert result.picture.uncertain
    assert result.picture.confidence < 0.3
    assert sum(result.picture.probabilities) == pytest.approx(1, abs=1e-4)

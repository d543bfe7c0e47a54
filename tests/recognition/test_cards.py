"""Cards: what is refused, and how it is said."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from recognition.engine.session import LiveSession
from recognition.errors import (
    ArchitectureUnknown,
    CardInvalid,
    CardMissing,
    LabelSetUnknown,
    ModelUnknown,
    WeightsHashMismatch,
)
from recognition.folders import default_weights_folder
from recognition.models.cards import Card, Head, load_card, load_cards, save_card, verified_weights
from recognition.models.tasks import LABEL_SETS
from recognition.options import UNCERTAIN_BELOW
from recognition.prediction import describe_result
from recognition.served_models import ServedModels, by_merit
from recognition.types import Box, ClassifiedFace, FrameResult, Timing


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the project's weights folder."""
    return Path(shutil.copytree(default_weights_folder(), tmp_path / "weights"))


def changed(card_file: Path, **values: object) -> Path:
    card_file.write_text(json.dumps({**json.loads(card_file.read_text()), **values}))
    return card_file


def test_every_shipped_card_fits_its_weights() -> None:
    cards = load_cards(default_weights_folder())

    assert {"face_yolov8n", "se_resnet"} <= set(cards)
    for card in cards.values():
        assert verified_weights(card, default_weights_folder()).stat().st_size < 25_000_000


def test_all_weights_together_are_under_40_megabytes() -> None:
    assert sum(file.stat().st_size for file in default_weights_folder().iterdir()) < 40_000_000


def test_other_weights_than_the_card_describes_are_refused_by_name(weights: Path) -> None:
    file = weights / "se_resnet.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    with pytest.raises(WeightsHashMismatch, match=r"se_resnet\.safetensors"):
        ServedModels.read(weights)


def test_weights_without_a_card_are_refused_by_name(weights: Path) -> None:
    (weights / "se_resnet.json").unlink()

    with pytest.raises(CardMissing, match="se_resnet"):
        load_cards(weights)


def test_a_card_without_weights_is_refused_by_name(weights: Path) -> None:
    (weights / "se_resnet.safetensors").unlink()

    with pytest.raises(CardMissing, match="se_resnet"):
        ServedModels.read(weights)


def test_an_unknown_architecture_is_refused_by_name(weights: Path) -> None:
    with pytest.raises(ArchitectureUnknown, match="transformer9"):
        load_card(changed(weights / "se_resnet.json", architecture="transformer9"))


def test_an_unknown_task_is_refused_by_name(weights: Path) -> None:
    with pytest.raises(CardInvalid, match=r"se_resnet\.json needs the task 'toys'"):
        load_card(changed(weights / "se_resnet.json", task="toys"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 3}', "\udcff"])
def test_a_card_that_is_no_card_is_refused(weights: Path, content: str) -> None:
    file = weights / "se_resnet.json"
    file.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(CardInvalid, match=r"se_resnet\.json"):
        load_card(file)


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": 0},
        {"temperature": -1},
        {"damping": -0.1},
        {"damping": 2.1},
        {"thresholds": {"uncertain": 52}},
    ],
)
def test_a_card_with_a_number_out_of_its_range_is_refused(weights: Path, values: dict[str, object]) -> None:
    with pytest.raises(CardInvalid, match=rf"se_resnet\.json .*{next(iter(values))}"):
        load_card(changed(weights / "se_resnet.json", **values))


def test_a_folder_without_a_detector_is_refused(weights: Path) -> None:
    for file in weights.glob("face_*"):
        file.unlink()

    with pytest.raises(CardMissing, match="face_detector"):
        ServedModels.read(weights)


def test_a_saved_card_reads_back_the_same(tmp_path: Path) -> None:
    card = load_cards(default_weights_folder())["se_resnet"]

    assert load_card(save_card(card, tmp_path)) == card


def test_a_name_that_is_not_served_is_refused_with_those_that_are() -> None:
    with pytest.raises(ModelUnknown, match="se_resnet"):
        ServedModels.read(default_weights_folder()).named("face_yolov8n")


def test_the_default_is_the_one_most_often_right_with_the_views_that_the_site_serves() -> None:
    card = load_cards(default_weights_folder())["se_resnet"]
    figure = card.evaluations[0]

    def rated(name: str, *, one: float, ten: float) -> Card:
        values = {"1": one, "ten": ten}
        figures = tuple(replace(figure, metric="accuracy fer7", views=v, value=x) for v, x in values.items())
        return replace(card, name=name, evaluations=figures)

    first, second = rated("first", one=0.6, ten=0.8), rated("second", one=0.7, ten=0.75)

    assert sorted([first, second], key=by_merit) == [second, first]


def two_headed(labels: str = "fer7") -> Card:
    """The site's default with a further head of FER+'s labels behind its own."""
    second = Head(LABEL_SETS["ferplus8"], 2.0, 0.7, first=len(LABEL_SETS[labels]))
    card = ServedModels.read(default_weights_folder()).default
    return replace(card, labels=LABEL_SETS[labels], temperature=1.0, damping=0.0, more_heads=(second,))


def test_a_label_set_is_answered_by_the_first_head_that_knows_its_labels() -> None:
    card = two_headed()

    assert card.label_sets == ("fer7", "fer5", "ferplus8")
    assert card.outputs == 15
    assert [card.head(card.labels_of(name)).first for name in card.label_sets] == [0, 0, 7]
    with pytest.raises(LabelSetUnknown, match="bored"):
        card.head(("bored",))


def test_a_head_answers_by_its_own_logits_and_temperature() -> None:
    outputs = np.zeros(15, np.float32)
    outputs[3], outputs[7 + 7] = 5, 2  # happy by the first head, contempt by the second

    own, second = two_headed().heads

    assert int(own.probabilities(outputs).argmax()) == 3
    assert second.probabilities(outputs)[7] == pytest.approx(np.e / (np.e + 7))


def test_a_head_answers_by_its_own_damping() -> None:
    outputs = np.zeros(15, np.float32)
    outputs[3], outputs[7 + 7] = 2, 2
    card = replace(two_headed(), damping=1.0)

    own, second = card.heads

    # p = e^2 / (e^2 + 6) = .551873 and .0746878 for the rest; then e^(2 - p) / (e^(2 - p) + 6 e^-.0746878).
    assert own.probabilities(outputs)[3] == pytest.approx(0.433166, abs=1e-5)
    assert second.probabilities(outputs)[7] == pytest.approx(np.e / (np.e + 7))


def test_faces_are_described_in_the_second_heads_labels() -> None:
    outputs = np.zeros(15, np.float32)
    outputs[3], outputs[7 + 7] = 5, 8
    face = ClassifiedFace(Box(0.1, 0.1, 0.5, 0.5), 0.9, outputs)
    result = FrameResult(640, 480, (face,), Timing(0, 0, 0))

    labels = [
        describe_result(None, result, two_headed(), name)["faces"][0]["label"]
        for name in ("fer7", "fer5", "ferplus8")
    ]

    assert labels == ["happy", "happy", "contempt"]


@pytest.mark.parametrize(("confidence", "uncertain"), [(0.39, True), (0.41, False)])
def test_a_described_face_says_whether_it_is_uncertain(confidence: float, uncertain: bool) -> None:
    outputs = np.full(15, np.log((1 - confidence) / 6), np.float32)
    outputs[3] = np.log(confidence)
    card = replace(two_headed(), thresholds={"uncertain": 0.4})
    face = ClassifiedFace(Box(0.1, 0.1, 0.5, 0.5), 0.9, outputs)
    described = describe_result(None, FrameResult(640, 480, (face,), Timing(0, 0, 0)), card, "fer7")
    assert described["faces"][0]["uncertain"] is uncertain


def test_each_head_calls_uncertain_what_is_below_its_own_threshold() -> None:
    outputs = np.zeros(15, np.float32)
    outputs[3], outputs[7 + 7] = 2, 4  # confidence .55 by the first head, .66 by the second
    result = FrameResult(640, 480, (ClassifiedFace(Box(0.1, 0.1, 0.5, 0.5), 0.9, outputs),), Timing(0, 0, 0))
    card = replace(two_headed(), thresholds={})
    live = LiveSession(card, "ferplus8")

    assert card.heads[1].uncertain_below == 0.7
    assert live.update(result, 0.0)[0].uncertain
    live.change_label_set("fer7")
    assert card.heads[0].uncertain_below == UNCERTAIN_BELOW
    assert not live.update(result, 0.1)[0].uncertain


def test_live_answers_come_from_the_head_of_the_label_set() -> None:
    outputs = np.zeros(15, np.float32)
    outputs[3], outputs[7 + 7] = 5, 8
    result = FrameResult(640, 480, (ClassifiedFace(Box(0.1, 0.1, 0.5, 0.5), 0.9, outputs),), Timing(0, 0, 0))
    live = LiveSession(two_headed(), "ferplus8")

    (face,) = live.update(result, 0.0)
    assert (face.label, len(face.measured), len(face.probabilities)) == ("contempt", 8, 8)
    live.change_label_set("fer5")
    (face,) = live.update(result, 0.1)
    assert (face.label, len(face.measured), len(face.probabilities)) == ("happy", 7, 5)

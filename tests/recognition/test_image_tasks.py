"""Whole-image tasks beside faces: what a pipeline returns for them, and how `predict` prints it."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from recognition.cli.main import main
from recognition.errors import ModelUnknown
from recognition.images.decoding import StillImage
from recognition.lab.evaluation.samples import two_faces_file
from recognition.lab.export.graph import write_graph
from recognition.models.cards import Card, load_card
from recognition.pipeline import ImageRequest, Pipeline
from recognition.prediction import answer_image, describe_result
from recognition.served_models import ServedModels
from recognition.types import Box, DetectedBox, FloatArray, UInt8Array
from tests.recognition.tiny_models import copy_served_weights, read_tiny_network, write_tiny_model

SCENES = ("forest", "sea", "street")
GENDERS = ("men", "women")
FACES = (DetectedBox(Box(0.2, 0.2, 0.2, 0.2), 0.9), DetectedBox(Box(0.6, 0.6, 0.2, 0.2), 0.2))


class HandDetector:
    """Finds the same two faces in every image, and counts the images."""

    def __init__(self) -> None:
        self.seen = 0

    def detect(self, images_bgr: Sequence[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        self.seen += len(images_bgr)
        return [FACES for _ in images_bgr]


class HandClassifier:
    """Is confident of the second label, and keeps what it was given."""

    def __init__(self, labels: int) -> None:
        self.given: list[UInt8Array] = []
        self._logits = np.eye(labels, dtype=np.float32)[1] * 5

    def classify(self, crops: UInt8Array) -> FloatArray:
        self.given.append(crops)
        return np.stack([self._logits] * len(crops))


class Rig:
    """A pipeline whose parts are made by hand, for one model."""

    def __init__(self, card: Card) -> None:
        self.card, self.detector, self.classifier = card, HandDetector(), HandClassifier(len(card.labels))
        self.opened: list[str] = []
        self.pipeline = Pipeline(self.detector, {card.name: card}, self._open, margin=0, sure_score=0.5)

    def _open(self, card: Card) -> HandClassifier:
        self.opened.append(card.name)
        return self.classifier


@pytest.fixture
def scenes(tmp_path: Path) -> Card:
    return load_card(write_tiny_model(tmp_path, SCENES, channels=3).with_suffix(".json"))


@pytest.fixture
def genders(tmp_path: Path) -> Card:
    file = write_tiny_model(tmp_path, GENDERS, channels=3, task="perceived_gender")
    return load_card(file.with_suffix(".json"))


def image(card: Card, width: int = 40, height: int = 20, **options: float) -> ImageRequest:
    red_bgr = np.zeros((height, width, 3), np.uint8)
    red_bgr[:, :, 2] = 200
    return ImageRequest(red_bgr, card.name, 320, **options)  # type: ignore[arg-type]


def test_a_whole_image_is_named_without_looking_for_faces(scenes: Card) -> None:
    rig = Rig(scenes)
    first, second = rig.pipeline.recognize([image(scenes), image(scenes, 8, 9)])

    assert first.faces == ()
    assert first.picture is not None
    assert first.picture.label == "sea"
    assert first.picture.confidence == max(first.picture.probabilities) > 0.9
    assert not first.picture.uncertain
    assert sum(first.picture.probabilities) == pytest.approx(1, abs=1e-5)
    assert (second.width, second.height) == (8, 9)
    assert rig.detector.seen == 0


def test_the_whole_image_is_scaled_as_in_training_in_rgb(scenes: Card) -> None:
    rig = Rig(scenes)
    rig.pipeline.recognize([image(scenes), image(scenes)])

    (pixels,) = rig.classifier.given
    assert pixels.shape == (2, 16, 16, 3)
    assert pixels[0, 8, 8].tolist() == [200, 0, 0]


def test_a_model_is_opened_once_at_its_first_image(scenes: Card) -> None:
    rig = Rig(scenes)
    assert rig.opened == []
    for _ in range(2):
        rig.pipeline.recognize([image(scenes)])
    assert rig.opened == ["model"]


def test_a_guess_below_the_cards_threshold_is_uncertain(scenes: Card) -> None:
    logits = np.array([1.0, 1.2, 1.0], np.float32)
    assert answer_image(logits, scenes).uncertain
    sure = msgspec.structs.replace(scenes, thresholds={"uncertain": 0.3})
    assert not answer_image(logits, sure).uncertain
    assert answer_image(logits, msgspec.structs.replace(scenes, thresholds={})).uncertain


def test_faces_of_another_task_are_cut_in_colour_with_the_cards_margin(genders: Card) -> None:
    rig = Rig(msgspec.structs.replace(genders, input=msgspec.structs.replace(genders.input, margin=1.0)))
    image = np.zeros((100, 100, 3), np.uint8)
    image[20:40, 20:40] = (0, 0, 200)
    (result,) = rig.pipeline.recognize([ImageRequest(image, "model", 320, min_score=0.5)])

    (crops,) = rig.classifier.given
    assert crops.shape == (1, 16, 16, 3)
    assert crops[0, 8, 8].tolist() == [200, 0, 0]
    assert crops[0, 1, 1].tolist() == [0, 0, 0]  # the margin is as wide as half of the box on each side
    assert result.picture is None
    assert len(result.faces) == 1


def test_faces_under_an_images_least_score_are_left_out(genders: Card) -> None:
    rig = Rig(genders)
    every, sure = rig.pipeline.recognize([image(genders), image(genders, min_score=0.25)])
    assert [len(result.faces) for result in (every, sure)] == [2, 1]


def test_an_image_that_was_decoded_reduced_is_given_in_its_whole_size(scenes: Card) -> None:
    still = StillImage(np.zeros((10, 20, 3), np.uint8), 160, 80)
    (result,) = Rig(scenes).pipeline.recognize([ImageRequest.of_still(still, scenes.name, 448)])
    described = describe_result("a.jpg", result, scenes, "model")

    assert list(described) == ["file", "width", "height", "faces", "picture"]
    assert (described["width"], described["height"]) == (160, 80)
    assert list(described["picture"]) == ["label", "confidence", "uncertain", "probabilities"]
    assert list(described["picture"]["probabilities"]) == list(SCENES)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped weights in a folder of their own, with a cache that knows what is prepared already."""
    folder = copy_served_weights(tmp_path)
    monkeypatch.setenv("WEIGHTS", str(folder))
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "cache"))
    return folder


def predicted(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    capsys.readouterr()
    assert main(["predict", "--json", "--device", "cpu", *words, str(two_faces_file())]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_predict_prints_a_whole_image_as_torch_sees_it(
    weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_tiny_model(weights, SCENES, channels=3)
    write_graph(load_card(file.with_suffix(".json")), weights)
    answer = predicted(capsys, "--model", "model", "--label-set", "model")

    assert answer["faces"] == []
    named = answer["picture"]
    assert isinstance(named, dict)
    assert named["label"] == max(named["probabilities"], key=named["probabilities"].get)
    assert list(named["probabilities"].values()) == pytest.approx(_torch_answer(file), abs=1e-3)
    assert main(["predict", "--device", "cpu", "--model", "model", str(two_faces_file())]) == 0
    assert named["label"] in capsys.readouterr().out
    assert main(["predict", "--model", "model", "--label-set", "fer7", "x.jpg"]) == 2


def _torch_answer(file: Path) -> list[float]:
    import torch

    image = cv2.cvtColor(cv2.imread(str(two_faces_file())), cv2.COLOR_BGR2RGB)
    square = cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA)
    pixels = (torch.from_numpy(square).permute(2, 0, 1)[None].float() / 255 - 0.5) / 0.25
    with torch.inference_mode():
        logits = read_tiny_network(file, len(SCENES), 3)(pixels)
    return [float(p) for p in (logits / 1.5).softmax(1)[0]]


def test_gender_is_named_only_where_the_operator_allows_it(
    weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_tiny_model(weights, GENDERS, channels=3, task="perceived_gender")
    write_graph(load_card(file.with_suffix(".json")), weights)
    assert main(["predict", "--model", "model", "x.jpg"]) == 2
    with pytest.raises(ModelUnknown):
        ServedModels.read(weights).named("model")

    monkeypatch.setenv("PERCEIVED_GENDER", "on")
    answer = predicted(capsys, "--model", "model")
    assert isinstance(answer["faces"], list)
    assert [sorted(face["probabilities"]) for face in answer["faces"]] == [list(GENDERS)] * 2
    assert "picture" not in answer


def test_other_tasks_are_served_behind_the_expressions(weights: Path) -> None:
    write_tiny_model(weights, SCENES, channels=3)
    models = ServedModels.read(weights)

    assert [card.name for card in models.catalogue] == ["se_resnet", "model"]
    assert models.default.task == "emotion"
    assert models.named("model").label_sets == ("model",)

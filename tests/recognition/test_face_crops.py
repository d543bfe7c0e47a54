"""Faces found once in a data set's images, and a network's stored answers about them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from recognition.errors import RecipeError
from recognition.lab.data.face_crops import find_faces, find_faces_once
from recognition.lab.training.result import save_rounded
from recognition.lab.training.stored_answers import stored_answers
from recognition.models.cards import Card, CardInput, CardTraining, Head, file_sha256, load_card, save_card
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import FromPixels, build_network, load_network
from recognition.types import Box, DetectedBox, UInt8Array

pytestmark = pytest.mark.usefixtures("one_thread")


class ByBrightness:
    """Finds in bright images a face at the right, in gray ones a small one, in dark ones none."""

    def __init__(self) -> None:
        self.seen = 0

    def detect(self, images: Sequence[UInt8Array], size: int) -> list[tuple[DetectedBox, ...]]:
        self.seen += len(images)
        return [self._faces(int(image[0, 0, 0])) for image in images]

    def _faces(self, brightness: int) -> tuple[DetectedBox, ...]:
        if brightness > 200:
            return (
                DetectedBox(Box(0.5, 0.25, 0.5, 0.5), 0.9),
                DetectedBox(Box(0.0, 0.0, 0.4, 0.4), 0.3),
            )
        return (DetectedBox(Box(0.1, 0.1, 0.1, 0.1), 0.9),) if brightness > 100 else ()


def images(*brightnesses: int) -> UInt8Array:
    return np.stack([np.full((16, 16, 3), brightness, np.uint8) for brightness in brightnesses])


def test_an_image_without_a_face_of_its_own_gets_the_median_box() -> None:
    boxes = find_faces(images(250, 120, 10), ByBrightness())

    np.testing.assert_allclose(boxes, [[0.5, 0.25, 0.5, 0.5]] * 3)


def test_where_no_image_has_a_face_the_whole_image_is_it() -> None:
    np.testing.assert_allclose(find_faces(images(10, 20), ByBrightness()), [[0, 0, 1, 1]] * 2)


def test_faces_are_found_once_for_the_same_images_and_detector(tmp_path: Path) -> None:
    detector = ByBrightness()
    first = find_faces_once(images(250, 10), detector, "one", tmp_path)
    again = find_faces_once(images(250, 10), detector, "one", tmp_path)

    np.testing.assert_array_equal(first, again)
    assert detector.seen == 2
    find_faces_once(images(250, 10), detector, "another", tmp_path)
    find_faces_once(images(250, 11), detector, "one", tmp_path)
    assert detector.seen == 6


@pytest.fixture
def teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network with both heads, of random weights, and its card."""
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(0)
    arguments = {"stem": 8, "widths": [8, 8, 8], "auxiliary_classes": 8}
    network = build_network("light_resnet", classes=7, channels=3, **arguments)
    weights = save_rounded("teacher", network, tmp_path)
    card = Card(
        name="teacher",
        title="Made by a test",
        task="emotion",
        architecture="light_resnet",
        arguments=arguments,
        parameters=1,
        sha256=file_sha256(weights),
        input=CardInput(32, 32, 3),
        labels=LABEL_SETS["fer7"],
        temperature=0.5,
        temperature_views="1",
        thresholds={"uncertain": 0.5},
        training=CardTraining("none", "none", 0, 0, 0, 0, "cpu"),
        evaluations=(),
        limits=(),
        licence="",
        more_heads=(Head(LABEL_SETS["ferplus8"], 2.0, 0.4, 7),),
    )
    save_card(card, tmp_path)
    return tmp_path / "teacher.json"


def test_stored_answers_are_calibrated_means_over_an_image_and_its_mirror_image(teacher: Path) -> None:

    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    card = load_card(teacher)
    network = FromPixels(load_network(card, teacher.parent), card.input)
    with torch.inference_mode():
        views = [network(torch.from_numpy(view.copy())).numpy() for view in (pixels, pixels[:, :, ::-1])]
    expected = [np.mean([head.probabilities(view) for view in views], axis=0) for head in card.heads]

    answers = stored_answers(teacher, lambda card: pixels)

    np.testing.assert_allclose(answers, np.concatenate(expected, axis=1), atol=1e-5)


def test_answers_are_stored_so_that_the_weights_are_read_once(teacher: Path) -> None:
    pixels = np.zeros((2, 32, 32, 3), np.uint8)
    first = stored_answers(teacher, lambda card: pixels)
    teacher.with_suffix(".safetensors").unlink()

    np.testing.assert_array_equal(stored_answers(teacher, lambda card: pixels), first)


def test_a_teacher_without_both_heads_is_refused(teacher: Path) -> None:

    save_card(msgspec.structs.replace(load_card(teacher), more_heads=()), teacher.parent)

    with pytest.raises(RecipeError, match="ferplus8"):
        stored_answers(teacher, lambda card: np.zeros((2, 32, 32, 3), np.uint8))

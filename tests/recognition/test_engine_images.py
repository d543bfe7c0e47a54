"""Live frames for models of whole images: the guide square, no detector, and calm answers."""

from time import monotonic

import cv2
import msgspec
import numpy as np
import pytest

from recognition.engine.engine import LocalEngine
from recognition.engine.queue import LiveFrame
from recognition.engine.session import LiveSession
from recognition.errors import LabelSetUnknown
from recognition.folders import default_weights_folder
from recognition.guide import guide_square
from recognition.models.cards import Card, CardInput, load_cards
from recognition.pipeline import ImageRequest, Pipeline
from recognition.types import DetectedBox, FloatArray, ImageAnswer, UInt8Array

PATIENCE_S = 60
SIGNS = ("0", "1", "2")
SIDE = 16


class NoDetector:
    """Nobody may look for faces here."""

    def detect(self, images_bgr: list[UInt8Array], size: int) -> list[tuple[DetectedBox, ...]]:
        """Refuse any image."""
        assert not images_bgr
        return []


class SquareReader:
    """Answers with a square's mean lightness as the first logit, and remembers the squares."""

    def __init__(self) -> None:
        self.squares: list[UInt8Array] = []

    def classify(self, squares: UInt8Array) -> FloatArray:
        """Give logits (n, 3)."""
        self.squares += list(squares)
        light = squares.reshape(len(squares), -1).mean(1) / 255
        return np.stack([8 * light, np.zeros_like(light), np.zeros_like(light)], 1).astype(np.float32)


def card_of(task: str, **changes: object) -> Card:
    """A card of three labels that takes colour images of 16 x 16."""
    known = load_cards(default_weights_folder())["hand_digits"]
    taken = CardInput(SIDE, SIDE, 3)
    fields = {"name": task, "task": task, "labels": SIGNS, "input": taken, "temperature": 1.0}
    fields = {**fields, "rejects_unknown": False, **changes}
    return msgspec.structs.replace(known, **fields)


def pipeline_of(*cards: Card, reader: SquareReader) -> Pipeline:
    by_name = {card.name: card for card in cards}
    return Pipeline(NoDetector(), by_name, lambda card: reader, margin=0.0, sure_score=0.5)


def framed(width: int = 64, height: int = 32) -> UInt8Array:
    """A black frame with a white square of its full height in the middle."""
    frame = np.zeros((height, width, 3), np.uint8)
    left = (width - height) // 2
    frame[:, left : left + height] = 255
    return frame


@pytest.mark.parametrize(("width", "height", "left", "top"), [(64, 48, 8, 0), (48, 64, 0, 8), (9, 9, 0, 0)])
def test_the_guide_square_is_the_largest_in_the_middle(width: int, height: int, left: int, top: int) -> None:
    frame = np.arange(width * height * 3, dtype=np.uint32).reshape(height, width, 3).astype(np.uint8)
    side = min(width, height)
    np.testing.assert_array_equal(guide_square(frame), frame[top : top + side, left : left + side])


def test_a_live_hand_is_searched_in_the_guide_square_alone() -> None:
    reader = SquareReader()
    pipeline = pipeline_of(card_of("hand_signs"), card_of("scenes"), reader=reader)

    pipeline.recognize([ImageRequest(framed(), "hand_signs", 320, guided=True)])
    pipeline.recognize([ImageRequest(framed(), "hand_signs", 448)])
    pipeline.recognize([ImageRequest(framed(), "scenes", 320, guided=True)])

    light = [square.mean() / 255 for square in reader.squares]
    assert light == pytest.approx([1.0, 0.5, 0.5], abs=0.01)


def test_frames_of_several_viewers_are_one_batch_without_a_detector() -> None:
    reader = SquareReader()
    pipeline = pipeline_of(card_of("hand_signs"), reader=reader)
    dark, light = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)

    results = pipeline.recognize([ImageRequest(one, "hand_signs", 320, guided=True) for one in (dark, light)])

    assert [result.faces for result in results] == [(), ()]
    assert [result.picture.label for result in results if result.picture] == ["0", "0"]
    assert [result.picture.uncertain for result in results if result.picture] == [True, False]
    assert len(reader.squares) == 2


def test_the_engine_answers_a_live_frame_with_an_image() -> None:
    reader = SquareReader()
    pipeline = pipeline_of(card_of("hand_signs"), reader=reader)
    engine = LocalEngine(lambda: pipeline, (), "cpu")
    engine.start()
    jpeg = cv2.imencode(".jpg", framed())[1].tobytes()
    try:
        frame = LiveFrame("an", jpeg, 64, 32, "hand_signs", "balanced", monotonic())
        result = engine.submit(frame).result(PATIENCE_S)
    finally:
        engine.close()

    assert (result.width, result.height, result.faces) == (64, 32, ())
    assert result.picture is not None
    assert (result.picture.label, result.picture.uncertain) == ("0", False)
    assert reader.squares[0].mean() > 250


def answer(*probabilities: float) -> ImageAnswer:
    """What a model said of one frame."""
    best = int(np.argmax(probabilities))
    return ImageAnswer(SIGNS[best], probabilities[best], False, probabilities)


def session(threshold: float = 0.6) -> LiveSession:
    return LiveSession(card_of("hand_signs", thresholds={"uncertain": threshold}), "hand_signs")


def test_a_session_of_signs_has_the_models_labels_under_its_name() -> None:
    assert (session().label_set, session().labels) == ("hand_signs", SIGNS)
    with pytest.raises(LabelSetUnknown):
        LiveSession(card_of("hand_signs"), "fer7")


def test_one_odd_frame_does_not_change_the_sign() -> None:
    signs = session()
    for number in range(10):
        signs.update_image(answer(0.96, 0.02, 0.02), number / 25)
    odd = signs.update_image(answer(0.01, 0.98, 0.01), 10 / 25)

    assert (odd.label, odd.uncertain) == ("0", False)
    assert odd.measured == (0.01, 0.98, 0.01)
    assert sum(odd.probabilities) == pytest.approx(1, abs=1e-5)


def test_another_sign_that_is_held_takes_over_within_two_seconds() -> None:
    signs = session(0.95)
    signs.update_image(answer(0.99, 0.005, 0.005), 0.0)
    shown = [signs.update_image(answer(0.005, 0.99, 0.005), n / 25) for n in range(1, 51)]

    assert any(one.uncertain for one in shown)
    assert (shown[-1].label, shown[-1].uncertain) == ("1", False)


@pytest.mark.parametrize("fps", [0.2, 1, 5, 25, 60])
def test_a_sign_its_number_and_all_probabilities_agree_at_any_frame_rate(fps: float) -> None:
    signs = session()
    held = [answer(0.96, 0.02, 0.02)] * round(5 * fps + 1) + [answer(0.02, 0.02, 0.96)] * round(5 * fps + 1)
    for number, one in enumerate(held):
        shown = signs.update_image(one, number / fps)
        assert signs.labels[int(np.argmax(shown.probabilities))] == shown.label
        assert shown.confidence == max(shown.probabilities)

    assert (shown.label, shown.uncertain) == ("2", False)


def test_a_hand_that_goes_away_leaves_no_sign() -> None:
    signs = session()
    signs.update_image(answer(0.96, 0.02, 0.02), 0.0)
    gone = [signs.update_image(answer(0.4, 0.3, 0.3), n / 25) for n in range(1, 51)]

    assert not gone[0].uncertain
    assert gone[-1].uncertain


def test_a_lost_connection_fades_nothing() -> None:
    signs = session()
    signs.update_image(answer(0.96, 0.02, 0.02), 0.0)
    signs.come_back()
    back = signs.update_image(answer(0.02, 0.96, 0.02), 40.0)
    assert (back.label, back.uncertain, back.confidence) == ("0", False, pytest.approx(0.96, abs=1e-4))

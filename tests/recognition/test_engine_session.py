"""One viewer's faces from frame to frame, at any frame rate."""

import numpy as np
import pytest

from recognition.engine.session import LiveFace, LiveSession
from recognition.folders import default_weights_folder
from recognition.models.cards import load_cards
from recognition.types import Box, ClassifiedFace, FrameResult, Timing

LEFT, RIGHT = Box(0.1, 0.3, 0.2, 0.3), Box(0.6, 0.3, 0.2, 0.3)


class Viewer:
    """A live session of My_model, and what its camera shows."""

    def __init__(self) -> None:
        self.card = load_cards(default_weights_folder())["se_resnet"]
        self.session = LiveSession(self.card, "fer7")

    def sees(self, at: float, *boxes: Box, label: str = "happy") -> tuple[LiveFace, ...]:
        """Return the faces of one frame in which everyone clearly shows `label`."""
        logits = np.zeros(len(self.card.head(self.card.labels_of("fer7")).labels), np.float32)
        logits[self.card.labels_of("fer7").index(label)] = 20
        faces = tuple(ClassifiedFace(box, 0.9, logits) for box in boxes)
        return self.session.update(FrameResult(1, 1, faces, Timing(0, 0, 0)), at)

    def ids(self, at: float, *boxes: Box) -> list[int]:
        """Return the numbers of the faces of one frame."""
        return [face.id for face in self.sees(at, *boxes)]


@pytest.mark.parametrize("fps", [0.2, 0.5, 1, 5, 25, 60])
def test_two_people_keep_their_numbers_at_any_frame_rate(fps: float) -> None:
    viewer = Viewer()
    for number in range(int(20 * fps) + 2):
        assert viewer.ids(100 + number / fps, LEFT, RIGHT) == [1, 2]


@pytest.mark.parametrize(
    ("step", "away_s", "expected"), [(0.04, 1.4, 1), (0.04, 1.6, 2), (2, 4, 2), (5, 10, 2)]
)
def test_who_is_missing_for_longer_gets_another_number(step: float, away_s: float, expected: int) -> None:
    viewer = Viewer()
    viewer.ids(0, LEFT)
    for at in np.arange(step, away_s - step / 2, step):
        viewer.ids(float(at))

    assert viewer.ids(away_s, LEFT) == [expected]


@pytest.mark.parametrize(("pause_s", "expected"), [(9, 1), (11, 2), (3600, 2)])
def test_after_a_long_time_without_frames_everyone_gets_another_number(pause_s: float, expected: int) -> None:
    viewer = Viewer()
    viewer.ids(0, LEFT)

    assert viewer.ids(pause_s, LEFT) == [expected]


def test_a_lost_connection_keeps_the_numbers() -> None:
    viewer = Viewer()
    viewer.ids(0, LEFT)
    viewer.session.come_back()

    assert viewer.ids(50, LEFT) == [1]


def test_another_label_set_is_answered_from_its_first_frame() -> None:
    viewer = Viewer()
    before = viewer.sees(0, LEFT)
    viewer.session.change_label_set("fer5")
    after = viewer.sees(0.04, LEFT, label="sad")

    assert [(face.id, face.label, face.uncertain) for face in before] == [(1, "happy", False)]
    assert [(face.id, face.label, face.uncertain) for face in after] == [(1, "sad", False)]
    assert len(after[0].probabilities) == 5


@pytest.mark.parametrize(("away_s", "label"), [(0.04, "happy"), (1.4, "sad")])
def test_a_face_that_returns_shows_what_it_shows_now(away_s: float, label: str) -> None:
    viewer = Viewer()
    for number in range(50):
        viewer.sees(number / 25, LEFT)
    (face,) = viewer.sees(49 / 25 + away_s, LEFT, label="sad")

    assert (face.id, face.label, face.uncertain) == (1, label, False)
    assert face.confidence == max(face.probabilities)

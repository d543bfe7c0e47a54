"""One viewer's faces, or what the camera shows: ids, smoothed probabilities, stable labels.

It is kept with the viewer's connection, not in the engine.
"""

from dataclasses import dataclass

import numpy as np

from recognition.models.cards import Card
from recognition.models.labels import label_positions, restrict
from recognition.options import SmoothOptions, TrackOptions
from recognition.prediction import resolve_label_set
from recognition.tracking.smoother import Smoother
from recognition.tracking.tracker import Tracker
from recognition.types import Box, FrameResult, ImageAnswer

# Frames of a slow connection are seconds apart: between two of them no face is absent for longer than this,
SPARSE_STEP_S = 1.0
# unless there was no frame for so long that another person may be in view.
LONGEST_STEP_S = 10.0


@dataclass(frozen=True, slots=True)
class LiveFace:
    """A tracked face; `probabilities` are smoothed and in the order of the session's labels.

    `measured` is this frame alone over the full label list of the model's head: what a history averages.
    """

    id: int
    box: Box
    score: float
    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]
    measured: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LiveImageAnswer(ImageAnswer):
    """What the complete frame shows, smoothed over time; `measured` is that of a `LiveFace`.

    `uncertain` means that it may show nothing the model knows: no sign, no place.
    """

    measured: tuple[float, ...]


class LiveSession:
    """Turns the engine's faces into one viewer's tracked faces; for one thread or loop at a time.

    With a model of whole images it smooths the results of single frames over time.
    """

    def __init__(self, card: Card, label_set: str, tracking: TrackOptions | None = None) -> None:
        self._card = card
        self._tracker = Tracker(tracking)
        self._smoothers: dict[int, Smoother] = {}
        self._image_smoother: Smoother | None = None
        self._seen_at: float | None = None
        self._breaks_s = 0.0
        self._frame_at: float | None = None
        self._present_s = 0.0
        self._comes_back = False
        self.change_label_set(label_set)

    def change_label_set(self, label_set: str) -> None:
        """Answer in another label set from now on; ids stay. Raises LabelSetUnknown."""
        self.label_set = resolve_label_set(self._card, label_set)
        self.labels = self._card.labels_of(label_set)
        self._head = self._card.head(self.labels)
        self._positions = label_positions(self._head.labels, self.labels)
        # Smoothed values of another label set cannot go on; a second of new ones can.
        self._smoothers.clear()
        self._image_smoother = None
        self._smooth = SmoothOptions(uncertain_below=self._head.uncertain_below)

    @property
    def alive(self) -> frozenset[int]:
        """Ids of the faces that may still come back."""
        return self._tracker.alive

    def come_back(self) -> None:
        """Continue after a lost connection: until the next frame, no face expires and no smoothing decays."""
        self._comes_back = True

    def update(self, result: FrameResult, at: float) -> tuple[LiveFace, ...]:
        """Name the faces of one analyzed frame, seen `at` seconds of a steady clock, in its order.

        Faces that are not confident and match no earlier face are left out.
        """
        at = self._without_breaks(at)
        ids = self._tracker.update(
            [face.box for face in result.faces], [face.confident for face in result.faces], self._presence(at)
        )
        alive = self._tracker.alive
        self._smoothers = {face: smoother for face, smoother in self._smoothers.items() if face in alive}
        people = []
        for number, face in zip(ids, result.faces, strict=True):
            if number is None:
                continue
            measured = self._head.probabilities(face.logits)
            smoother = self._smoothers.setdefault(number, Smoother(self._smooth))
            steady = smoother.update(restrict(measured, self._positions), at)
            people.append(
                LiveFace(
                    id=number,
                    box=face.box,
                    score=face.score,
                    label=self.labels[steady.label],
                    confidence=steady.confidence,
                    uncertain=steady.uncertain,
                    probabilities=tuple(steady.probabilities.tolist()),
                    measured=tuple(measured.tolist()),
                )
            )
        return tuple(people)

    def update_image(self, answer: ImageAnswer, at: float) -> LiveImageAnswer:
        """Make one frame's answer, seen `at` seconds of a steady clock, calm."""
        at = self._without_breaks(at)
        if self._image_smoother is None:
            self._image_smoother = Smoother(self._smooth)
        probabilities = np.asarray(answer.probabilities, np.float32)
        steady = self._image_smoother.update(restrict(probabilities, self._positions), at)
        return LiveImageAnswer(
            label=self.labels[steady.label],
            confidence=steady.confidence,
            uncertain=steady.uncertain,
            probabilities=tuple(steady.probabilities.tolist()),
            measured=answer.probabilities,
        )

    def _presence(self, at: float) -> float:
        """Return `at` on a clock that limits the time between two frames that are far apart."""
        step_s = 0.0 if self._frame_at is None else at - self._frame_at
        self._frame_at = at
        self._present_s += step_s if step_s > LONGEST_STEP_S else min(step_s, SPARSE_STEP_S)
        return self._present_s

    def _without_breaks(self, at: float) -> float:
        """Return `at` on a clock that stood still while the connection was lost."""
        if self._comes_back and self._seen_at is not None:
            self._breaks_s = at - self._seen_at
        self._comes_back = False
        self._seen_at = at - self._breaks_s
        return self._seen_at

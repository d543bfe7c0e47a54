"""A video's people: a live session whose ids and smoothing survive a change of worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from recognition import Box, Card, ClassifiedFace, FrameResult, LiveFace, LiveSession, Timing, TrackOptions

# Sampled frames may lie minutes apart: a face is absent only after two frames without it.
TRACKING: Final = TrackOptions(min_missed_frames=2)


class People:
    """Names the faces of a video's frames. `state()` is plain data from which another worker continues."""

    def __init__(self, card: Card, label_set: str, state: Mapping[str, Any] | None = None) -> None:
        """Start without people, or with those in `state`."""
        self._card, self._label_set = card, label_set
        self._next = 1
        # Each face that may still come back, by its id, as it was seen last.
        self._seen: dict[int, dict[str, Any]] = {}
        self._at_s = 0.0
        self.start_shot()
        if state:
            self._recall(state)

    def start_shot(self) -> None:
        """Forget everybody: after a cut, a face at the same place is another appearance with its own id."""
        self._session = LiveSession(self._card, self._label_set, TRACKING)
        self._ids: dict[int, int] = {}
        self._seen = {}

    def update(self, result: FrameResult, at_s: float) -> tuple[LiveFace, ...]:
        """Name the faces of one frame at its time in the video."""
        faces = tuple(replace(face, id=self._id(face.id)) for face in self._session.update(result, at_s))
        found = {face.box: face for face in result.faces}
        alive = {self._id(number) for number in self._session.alive}
        self._at_s = at_s
        self._seen = {number: seen for number, seen in self._seen.items() if number in alive}
        self._seen.update({face.id: _as_seen(face.id, found[face.box]) for face in faces})
        return faces

    def state(self) -> dict[str, Any]:
        """Return what must be known to continue: the next id, and who was seen last, where and when."""
        return {"next": self._next, "at_s": self._at_s, "seen": list(self._seen.values())}

    def _recall(self, state: Mapping[str, Any]) -> None:
        """Show the new session everybody again, in one frame; its first ids are those people's."""
        faces = tuple(
            ClassifiedFace(
                Box(*seen["box"]), seen["score"], np.array(seen["logits"], np.float32), confident=True
            )
            for seen in state["seen"]
        )
        self._at_s, self._next = state["at_s"], state["next"]
        size = 1  # boxes are fractions: the frame's size does not matter
        recalled = self._session.update(FrameResult(size, size, faces, Timing(0, 0, 0)), state["at_s"])
        for face, seen in zip(recalled, state["seen"], strict=True):
            self._ids[face.id] = seen["id"]
            self._seen[seen["id"]] = seen

    def _id(self, number: int) -> int:
        if number not in self._ids:
            self._ids[number] = self._next
            self._next += 1
        return self._ids[number]


def _as_seen(number: int, face: ClassifiedFace) -> dict[str, Any]:
    return {
        "id": number,
        "box": [face.box.x, face.box.y, face.box.w, face.box.h],
        "score": face.score,
        "logits": [float(value) for value in face.logits],
    }

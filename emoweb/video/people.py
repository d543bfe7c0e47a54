"""A film's people: a live session whose ids and smoothing survive a change of worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from recognition import Box, Card, Face, FrameResult, LiveFace, LiveSession, Timing


class People:
    """Names the faces of a film's frames. `state()` is plain data from which another worker goes on."""

    def __init__(self, card: Card, label_set: str, state: Mapping[str, Any] | None = None) -> None:
        """Begin with nobody, or with those whom `state` tells of."""
        self._session = LiveSession(card, label_set)
        self._names: dict[int, int] = {}
        self._next = 1
        self._seen: list[dict[str, Any]] = []
        self._at_s = 0.0
        if state:
            self._recall(state)

    def update(self, result: FrameResult, at_s: float) -> tuple[LiveFace, ...]:
        """Name the faces of one frame at its time in the film."""
        faces = tuple(replace(face, id=self._name(face.id)) for face in self._session.update(result, at_s))
        named = {face.box: face.id for face in faces}
        self._at_s = at_s
        self._seen = [
            {
                "id": named[face.box],
                "box": [face.box.x, face.box.y, face.box.w, face.box.h],
                "score": face.score,
                "logits": [float(value) for value in face.logits],
            }
            for face in result.faces
            if face.box in named
        ]
        return faces

    def state(self) -> dict[str, Any]:
        """Return what must be known to go on: the next id, and who was seen last, where and when."""
        return {"next": self._next, "at_s": self._at_s, "seen": self._seen}

    def _recall(self, state: Mapping[str, Any]) -> None:
        """Show the new session the last frame again; its first ids are those people's."""
        faces = tuple(
            Face(Box(*seen["box"]), seen["score"], np.array(seen["logits"], np.float32), sure=True)
            for seen in state["seen"]
        )
        self._seen, self._at_s, self._next = list(state["seen"]), state["at_s"], state["next"]
        size = 1  # boxes are fractions: the frame's size does not matter
        recalled = self._session.update(FrameResult(size, size, faces, Timing(0, 0, 0)), state["at_s"])
        ids = {Box(*seen["box"]): seen["id"] for seen in state["seen"]}
        self._names = {face.id: ids[face.box] for face in recalled}

    def _name(self, number: int) -> int:
        if number not in self._names:
            self._names[number] = self._next
            self._next += 1
        return self._names[number]

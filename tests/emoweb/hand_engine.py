"""An engine whose frames are finished by hand, and a card for it: order and time belong to the test."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Literal

import msgspec
import numpy as np

from recognition import (
    LABEL_SETS,
    Box,
    Card,
    ClassifiedFace,
    EngineStats,
    FrameDropped,
    FrameResult,
    ImageRequest,
    LiveFrame,
    Timing,
)

HAPPY = LABEL_SETS["fer7"].index("happy")


def card(name: str, labels: tuple[str, ...] = LABEL_SETS["fer7"], task: str = "emotion") -> Card:
    """Return the card of a model that nobody trained."""
    fields: dict[str, Any] = {
        "name": name,
        "title": name.title(),
        "task": task,
        "architecture": "tiny",
        "arguments": {},
        "parameters": 1,
        "sha256": "0" * 64,
        "input": {"height": 48, "width": 48, "channels": 1},
        "labels": labels,
        "temperature": 1.0,
        "temperature_views": "1",
        "thresholds": {},
        "training": {
            "recipe": "none",
            "data": "none",
            "seed": 0,
            "epochs": 0,
            "images": 0,
            "seconds": 0.0,
            "device": "cpu",
        },
        "evaluations": [],
        "limits": [],
        "licence": "none",
    }
    return msgspec.convert(fields, Card)


def seen(label: int = HAPPY, faces: int = 1, width: int = 640, height: int = 480) -> FrameResult:
    """Return a result with faces side by side that all show one label of fer7."""
    logits = np.zeros(7, np.float32)
    logits[label] = 4.0
    boxes = [Box(0.05 + 0.3 * i, 0.2, 0.2, 0.4) for i in range(faces)]
    return FrameResult(
        width,
        height,
        tuple(ClassifiedFace(box, 0.9, logits) for box in boxes),
        Timing(1.0, 2.0, 3.0, queue_ms=0.5),
    )


class HandEngine:
    """Satisfies recognition.Engine; `finish` and `fail` end the frames that were submitted, oldest first."""

    device = "cpu"

    def __init__(self) -> None:
        """Be ready, with two models."""
        self.models = (card("first"), card("second"))
        self.catalogue = self.models
        self.detector_ms: dict[str, float] = {}
        self.pictures: list[tuple[ImageRequest, Future[FrameResult]]] = []
        self.state: Literal["starting", "ready", "degraded"] = "ready"
        self.frame_ms = 0.0
        self.submitted: list[tuple[LiveFrame, Future[FrameResult]]] = []
        self.discarded: list[tuple[str, str]] = []
        self.closed = False

    def start(self) -> None:
        """Nothing has to be loaded."""

    async def ready(self, timeout_s: float) -> bool:
        """Return at once whether the state says so."""
        return self.state != "starting"

    def submit(self, frame: LiveFrame) -> Future[FrameResult]:
        """Keep a frame until the test ends it."""
        future: Future[FrameResult] = Future()
        self.submitted.append((frame, future))
        return future

    def analyse(self, picture: ImageRequest) -> Future[FrameResult]:
        """Keep a still picture until the test ends it."""
        future: Future[FrameResult] = Future()
        self.pictures.append((picture, future))
        return future

    def discard(self, viewer: str, reason: str) -> None:
        """End all frames of a viewer that wait; here, every frame that is not finished waits."""
        self.discarded.append((viewer, reason))
        mine = [entry for entry in self.submitted if entry[0].viewer == viewer]
        self.submitted = [entry for entry in self.submitted if entry[0].viewer != viewer]
        for _, future in mine:
            future.set_exception(FrameDropped(reason))

    def finish(self, result: FrameResult | None = None) -> None:
        """End the oldest frame well."""
        self.submitted.pop(0)[1].set_result(result or seen())

    def fail(self, error: Exception) -> None:
        """End the oldest frame with an error."""
        self.submitted.pop(0)[1].set_exception(error)

    def close(self) -> None:
        """Take no more."""
        self.closed = True

    def stats(self) -> EngineStats:
        """Return what the test has set."""
        return EngineStats(0.0, len(self.submitted), {}, self.frame_ms, None)

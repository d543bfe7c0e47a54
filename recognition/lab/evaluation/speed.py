"""The live path's cost: its single stages and the complete path, measured alternately in one run.

Alternating keeps the ratio accurate on a machine whose speed drifts.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import cv2
import numpy as np

from recognition.classification import open_classifier
from recognition.detection import open_detector
from recognition.engine.engine import LocalEngine
from recognition.engine.queue import LiveFrame
from recognition.engine.session import LiveSession
from recognition.errors import EngineClosed
from recognition.images.decoding import crop_square, decode_live_jpeg_bgr
from recognition.lab.evaluation.samples import two_faces_bgr
from recognition.options import LIVE_MAX_SIDE, QUALITIES, EngineOptions
from recognition.served_models import ServedModels
from recognition.types import FrameResult

WIDTH, HEIGHT, JPEG_QUALITY = 640, 480, 80
WARM_UP_FRAMES = 20
IN_FLIGHT = (1, 2, 4, 8)
PATIENCE_S = 120.0


@dataclass(frozen=True)
class _Path:
    """The engine, what a viewer sends it, and the viewer's session behind it."""

    engine: LocalEngine
    session: LiveSession
    jpeg: bytes
    quality: str

    def submit(self, viewer: int) -> "Future[FrameResult]":
        return self.engine.submit(
            LiveFrame(
                viewer=str(viewer),
                jpeg=self.jpeg,
                width=WIDTH,
                height=HEIGHT,
                model=self.engine.models[0].name,
                quality=self.quality,
                received_at=monotonic(),
            )
        )

    def run(self) -> None:
        """One frame from bytes to named faces."""
        self.session.update(self.submit(0).result(), monotonic())


def measure_speed(
    weights: Path, cache: Path, device: str, quality: str, frames: int, seconds: float
) -> dict[str, Any]:
    """Return `{device, stages, fps, overhead}` for the sample image with two faces at 640 x 480."""
    encoded = cv2.imencode(".jpg", two_faces_bgr(WIDTH, HEIGHT), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    jpeg = encoded.tobytes()
    bare = _bare_stages(ServedModels.read(weights), cache, device, QUALITIES[quality], jpeg)
    # Nothing may be dropped here: a late answer is a figure, too.
    engine = LocalEngine.open(weights, cache, device, EngineOptions(max_age_ms=PATIENCE_S * 1000))
    engine.start()
    if not asyncio.run(engine.ready(PATIENCE_S)):
        raise EngineClosed(engine.stats().failure or "The models did not get warm; close other programs.")
    path = _Path(engine, LiveSession(engine.models[0], engine.models[0].label_sets[0]), jpeg, quality)
    try:
        times = _time_in_turn({**bare, "total": path.run}, frames)
        fps = {str(viewers): _frames_per_second(path, viewers, seconds) for viewers in IN_FLIGHT}
    finally:
        engine.close()
    stages = {name: _percentiles(values) for name, values in times.items()}
    floor = sum(stages[name]["p50_ms"] for name in bare)
    overhead = stages["total"]["p50_ms"] / floor
    return {"device": device, "stages": stages, "fps": fps, "overhead": round(overhead, 3)}


def _bare_stages(
    models: ServedModels, cache: Path, device: str, image_size: int, jpeg: bytes
) -> dict[str, Callable[[], object]]:
    """Each stage alone, on inputs made beforehand."""
    threshold = models.detector.thresholds["live"]
    detector = open_detector(models.detector, models.folder, device, cache, min_score=threshold)
    card = models.default
    classifier = open_classifier(card, models.folder, device)
    image = decode_live_jpeg_bgr(jpeg, WIDTH, HEIGHT, LIVE_MAX_SIDE)
    (found,) = detector.detect([image], image_size)
    crops = np.stack(
        [crop_square(image, face.box, models.detector.input.margin, card.input.height) for face in found]
    )
    return {
        "decode": lambda: decode_live_jpeg_bgr(jpeg, WIDTH, HEIGHT, LIVE_MAX_SIDE),
        "detect": lambda: detector.detect([image], image_size),
        "classify": lambda: classifier.classify(crops),
    }


def _time_in_turn(stages: dict[str, Callable[[], object]], frames: int) -> dict[str, list[float]]:
    """Milliseconds of each stage, `frames` times each, one after the other."""
    times: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(WARM_UP_FRAMES + frames):
        for name, stage in stages.items():
            started = perf_counter()
            stage()
            if number >= WARM_UP_FRAMES:
                times[name].append((perf_counter() - started) * 1000)
    return times


def _frames_per_second(path: _Path, viewers: int, seconds: float) -> float:
    """Answers a second with one frame in flight from each viewer."""
    started, answered = monotonic(), 0
    in_flight = {path.submit(viewer): viewer for viewer in range(viewers)}
    while monotonic() - started < seconds:
        for future in wait(in_flight, return_when=FIRST_COMPLETED).done:
            viewer = in_flight.pop(future)
            future.result()
            answered += 1
            in_flight[path.submit(viewer)] = viewer
    elapsed = monotonic() - started
    wait(in_flight)
    return round(answered / elapsed, 1)


def _percentiles(milliseconds: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 2),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 2),
    }

"""One analysis of a video: decode every frame, recognize each n-th, draw, measure, save regularly.

Memory does not grow with the video: only one stride's frames are in memory, means are written every few
seconds, and the annotated video is written in parts.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from emoweb.measurements.averages import SecondAverages
from emoweb.video import source
from emoweb.video.annotated import FrameThinner, PartWriter, join
from emoweb.video.cuts import CutDetector
from emoweb.video.lease import Lease
from emoweb.video.models import Video
from emoweb.video.people import People
from emoweb.video.refusals import VideoRejected
from recognition import (
    QUALITIES,
    Engine,
    FrameDropped,
    FrameResult,
    ImageRequest,
    LiveFace,
    UInt8Array,
    find_model,
)

SAVE_EACH_S: Final = 5
BEAT_EACH_S: Final = 1.0
ANSWER_S: Final = 30.0

Kept = tuple[float, UInt8Array]


@dataclass(slots=True)
class Pending:
    """A submitted frame, and the frames to draw its result on."""

    at_s: float
    starts_shot: bool
    answer: Future[FrameResult]
    kept: list[Kept]


class VideoAnalysis:
    """One worker's analysis of one video, from the last saved second."""

    def __init__(self, video: Video, lease: Lease, engine: Engine) -> None:
        """Restore the checkpoint of the worker before."""
        self._video, self._lease, self._engine = video, lease, engine
        card = find_model(engine.catalogue, video.model)
        saved = video.checkpoint
        self._people = People(card, video.label_set, saved.get("people"))
        self._cuts = CutDetector(saved.get("cuts"))
        self._means = SecondAverages()
        self._thinner = FrameThinner()
        self._number, self._analysed = saved.get("number", 0), video.frames
        self._until_s = video.saved_s + SAVE_EACH_S
        self._parts = video.folder / "parts"
        self._writer = self._next_part(video.saved_s)
        self._beaten = time.monotonic()
        self._pending: Pending | None = None
        self._last_s = video.saved_s

    def run(self) -> None:
        """Run to the end; raises VideoRejected, LeaseLost or the engine's error."""
        video = self._video
        with source.opened(video.upload) as file:
            self._lease.start(video.saved_s, file.length_s)
            try:
                self._watch(file)
            finally:
                self._writer.close()
        parts = sorted(self._parts.glob("*.webm"))
        if not parts:
            raise VideoRejected("no_frames")
        join(parts, video.annotated)
        self._lease.finish(file.end_s, file.cut_short)
        for part in parts:
            part.unlink()

    def _watch(self, file: source.VideoFile) -> None:
        for frame in file.frames(self._video.saved_s, self._number):
            self._check_length(frame.at_s)
            if frame.at_s >= self._until_s:
                self._settle()
                self._save(frame)
            self._take(frame)
            self._last_s = frame.at_s
            if time.monotonic() - self._beaten >= BEAT_EACH_S:
                self._lease.beat(frame.at_s)
                self._beaten = time.monotonic()
        self._settle()
        self._writer.close()
        self._save_means(self._last_s + 0.001, None)

    def _check_length(self, at_s: float) -> None:
        # A header may name no length, or a wrong one.
        if at_s > 60 * settings.VIDEO_MAX_MINUTES:
            raise VideoRejected("too_long")

    def _take(self, frame: source.VideoFrame) -> None:
        analysed = frame.number % self._video.stride == 0 or self._pending is None
        kept = self._thinner.keeps(frame.at_s)
        if not (analysed or kept):
            return
        image = frame.image_bgr
        starts_shot = self._cuts.starts_shot(image, frame.at_s)
        if analysed or starts_shot:
            before = self._pending
            answer = self._engine.analyse(
                ImageRequest(image, self._video.model, QUALITIES[self._video.quality])
            )
            self._pending = Pending(frame.at_s, starts_shot, answer, [])
            # The engine's thread analyzes this frame while the ones before it are drawn and encoded.
            self._draw(before)
        if kept and self._pending is not None:
            self._pending.kept.append((frame.at_s, image))

    def _settle(self) -> None:
        before, self._pending = self._pending, None
        self._draw(before)

    def _draw(self, pending: Pending | None) -> None:
        if pending is None:
            return
        faces = self._faces(pending)
        for at_s, image in pending.kept:
            self._writer.write(image, faces, at_s)

    def _faces(self, pending: Pending) -> tuple[LiveFace, ...]:
        try:
            result = pending.answer.result(ANSWER_S)
        except (TimeoutError, FrameDropped) as error:
            raise VideoRejected("failed") from error
        if pending.starts_shot:
            self._people.start_shot()
        faces = self._people.update(result, pending.at_s)
        self._analysed += 1
        for face in faces:
            self._means.add(int(pending.at_s), face.id, face.measured)
        return faces

    def _save(self, frame: source.VideoFrame) -> None:
        """Save everything before this frame, at a full second, so that no second is measured twice."""
        self._writer.close()
        self._save_means(frame.at_s, frame.number)
        self._until_s = (frame.at_s // SAVE_EACH_S + 1) * SAVE_EACH_S
        self._writer = self._next_part(frame.at_s)

    def _save_means(self, at_s: float, number: int | None) -> None:
        checkpoint = {
            "number": number if number is not None else self._number,
            "people": self._people.state(),
            "cuts": self._cuts.state(),
        }
        self._lease.save(at_s, checkpoint, self._analysed, self._means.take_before())
        self._beaten = time.monotonic()

    def _next_part(self, at_s: float) -> PartWriter:
        self._parts.mkdir(parents=True, exist_ok=True)
        name = self._parts / f"{round(at_s * 1000):010}.webm"
        # What a worker before left unsaved starts at or after this moment.
        for unsaved in self._parts.glob("*.webm"):
            if unsaved.name >= name.name:
                unsaved.unlink()
        return PartWriter(Path(name))

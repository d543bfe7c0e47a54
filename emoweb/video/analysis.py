"""One run over a film: decode every frame, recognise each n-th, draw, measure, save as it goes.

Nothing grows with the film: a stride of frames is in memory, means are written every few seconds, and the
annotated film lies in parts on the disk.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from django.conf import settings

from emoweb.live.averages import SecondAverages
from emoweb.video import source
from emoweb.video.annotated import FrameThinner, PartWriter, join
from emoweb.video.cuts import CutDetector
from emoweb.video.lease import Lease
from emoweb.video.models import Film
from emoweb.video.people import People
from emoweb.video.refusals import FilmRefused
from recognition import QUALITIES, Engine, FrameDropped, FrameResult, ImageRequest, LiveFace, find_model

SAVE_EACH_S: Final = 5
BEAT_EACH_S: Final = 1.0
ANSWER_S: Final = 30.0

Kept = tuple[float, npt.NDArray[np.uint8]]


@dataclass(slots=True)
class Pending:
    """An analysed frame whose answer is on its way, and the frames to draw that answer on."""

    at_s: float
    starts_shot: bool
    answer: Future[FrameResult]
    kept: list[Kept]


class FilmRun:
    """One worker's way through one film, from where it was saved last."""

    def __init__(self, film: Film, lease: Lease, engine: Engine) -> None:
        """Recall what the worker before knew."""
        self._film, self._lease, self._engine = film, lease, engine
        card = find_model(engine.catalogue, film.model)
        saved = film.checkpoint
        self._people = People(card, film.label_set, saved.get("people"))
        self._cuts = CutDetector(saved.get("cuts"))
        self._means = SecondAverages()
        self._thinner = FrameThinner()
        self._number, self._analysed = saved.get("number", 0), film.frames
        self._until_s = film.saved_s + SAVE_EACH_S
        self._parts = film.folder / "parts"
        self._writer = self._next_part(film.saved_s)
        self._beaten = time.monotonic()
        self._pending: Pending | None = None
        self._last_s = film.saved_s

    def go(self) -> None:
        """Run to the end; raises FilmRefused, LeaseLost, or what the engine ends with."""
        film = self._film
        with source.opened(film.upload) as video:
            self._lease.begin(film.saved_s, video.length_s)
            try:
                self._watch(video)
            finally:
                self._writer.close()
        parts = sorted(self._parts.glob("*.webm"))
        if not parts:
            raise FilmRefused("no_frames")
        join(parts, film.annotated)
        self._lease.finish(video.end_s, video.cut_short)
        for part in parts:
            part.unlink()

    def _watch(self, video: source.Video) -> None:
        for frame in video.frames(self._film.saved_s, self._number):
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
            raise FilmRefused("too_long")

    def _take(self, frame: source.FilmFrame) -> None:
        analysed = frame.number % self._film.stride == 0 or self._pending is None
        kept = self._thinner.keeps(frame.at_s)
        if not (analysed or kept):
            return
        image = frame.image_bgr
        starts_shot = self._cuts.starts_shot(image, frame.at_s)
        if analysed or starts_shot:
            before = self._pending
            answer = self._engine.analyse(
                ImageRequest(image, self._film.model, QUALITIES[self._film.quality])
            )
            self._pending = Pending(frame.at_s, starts_shot, answer, [])
            # The engine's thread looks at this frame while the ones before it are drawn and encoded.
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
            raise FilmRefused("failed") from error
        if pending.starts_shot:
            self._people.start_shot()
        faces = self._people.update(result, pending.at_s)
        self._analysed += 1
        for face in faces:
            self._means.add(int(pending.at_s), face.id, face.measured)
        return faces

    def _save(self, frame: source.FilmFrame) -> None:
        """Save everything before this frame, at a whole second, so that no second is measured twice."""
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
        # What a worker before left unsaved begins at or after this moment.
        for unsaved in self._parts.glob("*.webm"):
            if unsaved.name >= name.name:
                unsaved.unlink()
        return PartWriter(Path(name))

"""One viewer's frames: each readable one gets exactly one response."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Final, Protocol, TypeAlias

from emoweb.live.capacity.hints import Figures
from emoweb.live.capacity.limits import BadStreak, FrameGate, Incoming
from emoweb.live.protocol import (
    Answer,
    Drop,
    FaceResult,
    FrameHeader,
    FrameRefused,
    PictureResult,
    Result,
    ResultTiming,
)
from emoweb.live.service import LiveService
from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Session
from emoweb.live.socket.outbox import Outbox, outcome_of
from recognition import (
    Box,
    EngineClosed,
    FrameDropped,
    FrameResult,
    ImageAnswer,
    LiveFace,
    LiveFrame,
    LiveImageAnswer,
    Timing,
)

# The face id of a complete frame's samples; faces count from 1.
WHOLE_FRAME: Final = 0
# A face's id, or WHOLE_FRAME, and the probabilities to average.
Measured: TypeAlias = tuple[int, tuple[float, ...]]


class Outlet(Protocol):
    """The way back to the client."""

    @property
    def session(self) -> Session:
        """The session that results belong to."""
        ...

    async def send(self, answer: Answer) -> None:
        """Send a response."""
        ...

    async def send_error(self, code: str, *, seq: int | None = None) -> None:
        """Send an error with its sentence."""
        ...

    async def too_many_bad_frames(self) -> None:
        """Close the socket."""
        ...


class Stream:
    """Passes frames to the engine and returns results, in order, for the outlet's session."""

    def __init__(self, service: LiveService, viewer: str, outlet: Outlet, outbox: Outbox) -> None:
        """Respond through `outbox`; `viewer` is the id by which the engine shares its time."""
        self.figures = Figures()
        self._service = service
        self._viewer = viewer
        self._outlet = outlet
        self._outbox = outbox
        self._gate = FrameGate()
        self._bad = BadStreak()

    def take(self, data: bytes, now: float, choice: Choice, *, paused: bool) -> bool:
        """Take a binary message; return False when the client has too many unanswered messages.

        Raises Flooded.
        """
        try:
            incoming = self._gate.admit(data, now, paused=paused)
        except FrameRefused as refused:
            return self._outbox.put(partial(self._refuse, refused), refused.seq)
        header = incoming.header
        if incoming.drop is not None:
            return self._outbox.put(partial(self._drop, header, incoming.drop), header.seq)
        future = self._submit(incoming, now, choice)
        return self._outbox.put(partial(self._answer, header, future, now), header.seq)

    def _submit(self, incoming: Incoming, now: float, choice: Choice) -> Future[FrameResult]:
        header = incoming.header
        return self._service.engine.submit(
            LiveFrame(
                viewer=self._viewer,
                jpeg=incoming.jpeg,
                width=header.width,
                height=header.height,
                model=choice.card.name,
                quality=choice.quality,
                received_at=now,
            )
        )

    async def _answer(self, header: FrameHeader, future: Future[FrameResult], received_at: float) -> None:
        try:
            result = await outcome_of(future)
        except FrameDropped as dropped:
            await self._drop(header, dropped.reason)
        except EngineClosed:
            await self._drop(header, "failed")
        else:
            await self._result(header, result, received_at)

    async def _result(self, header: FrameHeader, result: FrameResult, received_at: float) -> None:
        session = self._outlet.session
        if result.picture is None:
            faces, measured = self._people(result, received_at)
            picture = None
        else:
            faces = ()
            picture, measured = self._whole_picture(result.picture, received_at)
        now = self._service.clock()
        timing = _timing(result.timing, total_ms=(now - received_at) * 1000)
        await self._outlet.send(
            Result(header.seq, header.captured_ms, header.width, header.height, faces, timing, picture)
        )
        self._gate.answer_sent(header.seq)
        self._bad.good()
        session.frames += 1
        self.figures.result(now, timing.total_ms)
        self._service.metrics.result(timing, len(faces))
        self._service.recorder.result(session.id, measured)

    def _people(
        self, result: FrameResult, received_at: float
    ) -> tuple[tuple[FaceResult, ...], list[Measured]]:
        """Return the frame's faces under this session's ids, and what is recorded of them."""
        session = self._outlet.session
        people = session.people.update(result, received_at)
        faces = tuple(_face(face, face.id + session.first_face) for face in people)
        return faces, [(face.id + session.first_face, face.measured) for face in people]

    def _whole_picture(self, answer: ImageAnswer, received_at: float) -> tuple[PictureResult, list[Measured]]:
        """Return what the frame shows by now, and what is recorded of it."""
        seen = self._outlet.session.people.update_image(answer, received_at)
        return _picture(seen), [(WHOLE_FRAME, seen.measured)]

    async def _drop(self, header: FrameHeader, reason: str) -> None:
        session = self._outlet.session
        await self._outlet.send(Drop(header.seq, reason))
        self._gate.answer_sent(header.seq)
        session.drops[reason] += 1
        self._service.drops[reason] += 1
        self._service.metrics.drop(reason)
        self._service.recorder.drop(session.id, reason)
        if reason in ("superseded", "stale"):
            self.figures.lost(self._service.clock())
        if reason == "bad_image":
            await self._count_bad()

    async def _refuse(self, refused: FrameRefused) -> None:
        await self._outlet.send_error(refused.code, seq=refused.seq)
        if refused.seq is not None:
            self._gate.answer_sent(refused.seq)
        await self._count_bad()

    async def _count_bad(self) -> None:
        if self._bad.bad():
            await self._outlet.too_many_bad_frames()


def _face(face: LiveFace, face_id: int) -> FaceResult:
    return FaceResult(
        id=face_id,
        box=_fractions(face.box),
        score=round(face.score, 4),
        label=face.label,
        confidence=round(face.confidence, 6),
        uncertain=face.uncertain,
        probabilities=tuple(round(p, 6) for p in face.probabilities),
    )


def _picture(seen: LiveImageAnswer) -> PictureResult:
    return PictureResult(
        label=seen.label,
        confidence=round(seen.confidence, 6),
        uncertain=seen.uncertain,
        probabilities=tuple(round(p, 6) for p in seen.probabilities),
    )


def _fractions(box: Box) -> tuple[float, float, float, float]:
    return round(box.x, 5), round(box.y, 5), round(box.w, 5), round(box.h, 5)


def _timing(timing: Timing, total_ms: float) -> ResultTiming:
    return ResultTiming(
        queue_ms=round(timing.queue_ms, 3),
        decode_ms=round(timing.decode_ms, 3),
        detect_ms=round(timing.detect_ms, 3),
        classify_ms=round(timing.classify_ms, 3),
        total_ms=round(total_ms, 3),
    )

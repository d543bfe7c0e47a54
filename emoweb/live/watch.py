"""The clock beside one viewer: silence, pauses that last too long, `stats`, `hint`, signs of life."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Protocol

from emoweb.live import protocol
from emoweb.live.hints import Advisor, Load

if TYPE_CHECKING:
    from emoweb.live.service import LiveService
    from emoweb.live.stream import Stream

LOOK_EACH_S: Final = 0.5
STATS_EACH_S: Final = 2.0
TOUCH_EACH_S: Final = 20.0
HELLO_WITHIN_S: Final = 10.0
LONGEST_PAUSE_S: Final = 10 * 60.0

logger = logging.getLogger(__name__)


class Watched(Protocol):
    """What the clock may ask of a viewer."""

    stream: Stream | None

    def unpause(self, stream: Stream) -> None:
        """End a pause."""
        ...

    async def send(self, answer: protocol.Answer) -> None:
        """Say something beside the ordered answers."""
        ...

    async def close(self, code: int) -> None:
        """End the socket with a code."""
        ...


class Watch:
    """Looks at the clock twice a second, for as long as the socket is open."""

    def __init__(self, service: LiveService, viewer: Watched) -> None:
        """Watch over `viewer`, who has not said hello yet."""
        self._service = service
        self._viewer = viewer
        self._advisor = Advisor()
        now = service.clock()
        self._hello_until: float | None = now + HELLO_WITHIN_S
        self._heard_at = now
        self._paused_until: float | None = None
        self._stats_at = self._touched_at = now
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look_on(), name="watch")

    def stop(self) -> None:
        """Look no more; stopping twice is harmless."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def heard(self) -> None:
        """Note that the client sent something."""
        self._heard_at = self._service.clock()

    def hello_came(self) -> None:
        """Wait for no hello: there is one."""
        self._hello_until = None

    def hello_refused(self) -> None:
        """Wait for another hello."""
        self._hello_until = self._service.clock() + HELLO_WITHIN_S

    def welcomed(self) -> None:
        """Begin to count the session's time."""
        now = self._service.clock()
        self._heard_at = self._stats_at = self._touched_at = now

    def paused(self) -> None:
        """Let the client be silent for a while."""
        self._paused_until = self._service.clock() + LONGEST_PAUSE_S

    def unpaused(self) -> None:
        """Expect to hear from the client again."""
        self._paused_until = None
        self._heard_at = self._service.clock()

    async def look(self) -> None:
        """Do what is due now."""
        now = self._service.clock()
        stream = self._viewer.stream
        if stream is None:
            await self._look_for_hello(now)
            return
        if self._paused_until is not None and now >= self._paused_until:
            self._viewer.unpause(stream)
        if self._paused_until is None and now - self._heard_at >= protocol.IDLE_S:
            await self._viewer.close(protocol.CLOSED_SILENT)
            return
        if now - self._touched_at >= TOUCH_EACH_S:
            self._touched_at = now
            self._service.recorder.touch(stream.session.id)
        if now - self._stats_at >= STATS_EACH_S:
            # Counted from when it was due, or each look's delay would add up; after a stall, from now.
            overdue_s = now - self._stats_at - STATS_EACH_S
            self._stats_at = now - (overdue_s if overdue_s < STATS_EACH_S else 0.0)
            await self._report(stream, now)

    async def _look_for_hello(self, now: float) -> None:
        if self._hello_until is None:
            return
        if self._service.engine.state == "starting":
            # The visitor may be waiting for the page to say that the server is there.
            self._hello_until = now + HELLO_WITHIN_S
        elif now >= self._hello_until:
            await self._viewer.close(protocol.CLOSED_SILENT)

    async def _report(self, stream: Stream, now: float) -> None:
        latency, fps = stream.figures.latency(now), stream.figures.fps(now)
        viewers = self._service.seats.taken
        await self._viewer.send(
            protocol.Stats(
                fps=fps,
                latency_ms=latency,
                frames=stream.session.frames,
                drops=dict(stream.session.drops),
                viewers=viewers,
                device=self._service.engine.device,
            )
        )
        load = Load(
            frame_ms=self._service.engine.stats().frame_ms,
            viewers=viewers,
            quality=stream.choice.quality,
            achieved_fps=fps,
            p95_ms=latency.p95,
            lost_share=stream.figures.lost_share(now),
        )
        if (hint := self._advisor.advise(load)) is not None:
            await self._viewer.send(hint)

    async def _look_on(self) -> None:
        mine = asyncio.current_task()
        while self._task is mine:
            await asyncio.sleep(LOOK_EACH_S)
            try:
                await self.look()
            except Exception:
                # The top of a worker: the viewer goes on, and the log says what is wrong.
                logger.exception("The watch over a viewer stumbled.")

"""A service whose engine and clock belong to the test, its visitors, and what they receive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from emoweb.live.capacity.admission import Admission
from emoweb.live.service import LiveService, Site
from emoweb.live.session.recorder import Recorder
from emoweb.live.session.sessions import Sessions
from emoweb.live.socket.viewer import Viewer
from tests.emoweb.hand_engine import HandEngine
from tests.emoweb.test_live_protocol import CONSENT, frame

AN, BINH = "visitor:" + "a" * 32, "visitor:" + "b" * 32


class Clock:
    """A clock that the test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Wire:
    """What the client of a viewer receives."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.code: int | None = None

    async def send_text(self, text: str) -> None:
        self.messages.append(json.loads(text))

    async def close_with(self, code: int) -> None:
        assert self.code is None, "closed twice"
        self.code = code

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def answers(self) -> list[tuple[Any, ...]]:
        """Frames' answers as (type, seq, reason or code)."""
        return [
            (message["type"], message["seq"], message.get("reason") or message.get("code"))
            for message in self.messages
            if "seq" in message
        ]


class Hall:
    """A service whose engine and clock belong to the test."""

    def __init__(self, capacity: int = 3) -> None:
        self.clock = Clock()
        self.engine = HandEngine()
        self.recorder = Recorder(tidy=lambda: None, clock=self.clock)
        self.service = LiveService(
            self.engine,
            self.recorder,
            Admission(lambda: capacity),
            Sessions(),
            Site(version="0", consent=CONSENT),
            clock=self.clock,
        )
        self.viewers: list[Viewer] = []

    def arrive(self, owner: str = AN, language: str = "en") -> tuple[Viewer, Wire]:
        """Open a socket."""
        wire = Wire()
        viewer = Viewer(self.service, wire, owner, language)
        viewer.start()
        self.viewers.append(viewer)
        return viewer, wire

    async def welcome(self, owner: str = AN, **options: Any) -> tuple[Viewer, Wire]:
        """Open a socket and say hello."""
        viewer, wire = self.arrive(owner)
        await say(viewer, "hello", version=1, consent=CONSENT, **options)
        assert wire.types[-1] == "welcome", wire.messages
        return viewer, wire


async def say(viewer: Viewer, kind: str, **fields: Any) -> None:
    """Send a text message and let everything happen that can."""
    await viewer.text_received(json.dumps({"type": kind, **fields}))
    await settle()


async def show(viewer: Viewer, *seqs: int, **fields: Any) -> None:
    """Send frames and let everything happen that can."""
    for seq in seqs:
        await viewer.frame_received(frame(seq, **fields))
    await settle()


async def settle() -> None:
    for _ in range(300):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def run(hall: Hall, script: Callable[[Hall], Awaitable[None]]) -> None:
    async def play() -> None:
        try:
            await script(hall)
        finally:
            for viewer in hall.viewers:
                await viewer.disconnected()
            await settle()

    asyncio.run(play())

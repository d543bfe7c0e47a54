"""Two web processes in one event loop: what one says, the other does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import InMemoryChannelLayer

from emoweb.live import bus
from emoweb.recordings.deletion import sessions_deleted
from tests.emoweb.hall import Clock, Hall, settle, until


class BrokenLayer:
    """A channel layer whose server is away."""

    async def new_channel(self) -> str:
        raise ConnectionError("away")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError("away")


def together(
    monkeypatch: pytest.MonkeyPatch, layer: object, script: Callable[[Hall, Hall], Awaitable[None]]
) -> None:
    """Play a script in two processes that share a channel layer."""
    monkeypatch.setattr(bus, "get_channel_layer", lambda: layer)

    async def play() -> None:
        here, there = Hall(), Hall()
        for hall in (here, there):
            hall.service.bus.start()
        await settle()
        try:
            await script(here, there)
        finally:
            for hall in (here, there):
                hall.service.bus.stop()
                for viewer in hall.viewers:
                    await viewer.disconnected()
            await settle()

    asyncio.run(play())


def test_a_session_taken_there_lets_go_of_its_socket_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(here: Hall, there: Hall) -> None:
        _, wire = await here.welcome()
        session = UUID(wire.messages[-1]["session"])
        there.service.bus.taken(session)
        await until(lambda: wire.code is not None)
        assert wire.code == 4409
        assert here.service.sessions.known(session) is None
        assert not here.service.sessions.has_ended(session)
        assert here.service.admission.viewers == 0

    together(monkeypatch, InMemoryChannelLayer(), script)


@pytest.mark.parametrize("layer", [InMemoryChannelLayer(), None], ids=["two processes", "one alone"])
def test_a_deleted_history_ends_its_live_session(
    monkeypatch: pytest.MonkeyPatch, layer: InMemoryChannelLayer | None
) -> None:
    async def script(here: Hall, there: Hall) -> None:
        _, wire = await here.welcome()
        _, other = await here.welcome()
        session = UUID(wire.messages[-1]["session"])
        if layer is not None:
            sessions_deleted.disconnect(here.service.bus._history_deletes)
        await asyncio.to_thread(sessions_deleted.send, sender=None, sessions=[session])
        await until(lambda: wire.code is not None)
        assert wire.messages[-1]["type"] == "bye"
        assert wire.messages[-1]["reason"] == "deleted"
        assert wire.code == 1000
        assert here.service.sessions.has_ended(session)
        assert other.code is None

    together(monkeypatch, layer, script)


def test_viewers_and_places_are_counted_over_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(bus, "PUBLISH_EACH_S", 0.01)

    async def script(here: Hall, there: Hall) -> None:
        here.service.bus._clock = clock
        await there.welcome()
        await until(lambda: here.service.bus.load().viewers == 1)
        assert here.service.bus.load() == bus.ClusterLoad(viewers=1, capacity=6)
        assert here.service.status().health()["capacity"] == 6
        there.service.bus.stop()
        await settle()
        clock.now += bus.LOAD_LIFETIME_S + 1
        assert here.service.bus.load() == bus.ClusterLoad(viewers=0, capacity=3)

    together(monkeypatch, InMemoryChannelLayer(), script)


class SilentLayer(InMemoryChannelLayer):
    """Takes messages and never confirms one."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()


def test_an_unresponsive_channel_layer_keeps_a_limited_number_of_messages(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bus, "MOST_TASKS", 5)

    async def script(here: Hall, there: Hall) -> None:
        for _ in range(20):
            here.service.bus.taken(uuid4())
        await settle()
        assert len(here.service.bus._tasks) == 5

    together(monkeypatch, SilentLayer(), script)
    assert "was dropped: 5 are unfinished" in caplog.text


def test_an_unavailable_channel_layer_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(here: Hall, there: Hall) -> None:
        _, wire = await here.welcome()
        here.service.bus.taken(UUID(wire.messages[-1]["session"]))
        await settle()
        assert wire.code is None
        assert here.service.bus.load() == bus.ClusterLoad(viewers=1, capacity=3)

    together(monkeypatch, BrokenLayer(), script)
    assert "cannot be notified" in caplog.text
    assert "cannot be received" in caplog.text

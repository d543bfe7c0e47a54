"""The consumer and the service in their places; protocol/ has the real engine."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from autobahn.exception import Disconnected
from channels.testing import WebsocketCommunicator

from emoweb.live import service as live_service
from emoweb.live.socket.consumer import LiveConsumer
from emoweb.live.socket.viewer import Viewer
from tests.emoweb.hall import AN, Hall, run, until
from tests.emoweb.test_live_protocol import CONSENT, frame


@pytest.fixture
def in_place(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(live_service, "current", lambda: hall.service)
    return hall


def communicator(subprotocols: list[str]) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/", subprotocols=subprotocols)
    socket.scope.update(owner=AN, language="en")
    return socket


@pytest.mark.parametrize("subprotocols", [[], ["emotion.v2"], ["EMOTION.V1"]])
def test_another_subprotocol_or_none_is_refused(in_place: Hall, subprotocols: list[str]) -> None:
    async def script(hall: Hall) -> None:
        connected, _ = await communicator(subprotocols).connect()
        assert not connected

    run(in_place, script)


def test_the_consumer_accepts_dispatches_and_disconnects(in_place: Hall) -> None:
    async def script(hall: Hall) -> None:
        socket = communicator(["other", "emotion.v1"])
        assert await socket.connect() == (True, "emotion.v1")
        await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
        assert (await socket.receive_json_from())["type"] == "welcome"
        assert hall.service.admission.viewers == 1
        await socket.send_to(bytes_data=frame(1))
        await until(lambda: bool(hall.engine.submitted))
        hall.engine.finish()
        assert (await socket.receive_json_from())["type"] == "result"
        await socket.disconnect()
        assert hall.service.admission.viewers == 0

    run(in_place, script)


def test_an_internal_error_is_reported_and_the_socket_stays_open(
    in_place: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(viewer: Viewer, text: str) -> None:
        raise RuntimeError("a mistake of ours")

    async def script(hall: Hall) -> None:
        socket = communicator(["emotion.v1"])
        await socket.connect()
        with monkeypatch.context() as patch:
            patch.setattr(Viewer, "text_received", broken)
            await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
            assert (await socket.receive_json_from())["code"] == "server_error"
        await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
        assert (await socket.receive_json_from())["type"] == "welcome"
        await socket.disconnect()

    run(in_place, script)
    assert "a mistake of ours" in caplog.text


def test_who_goes_before_an_answer_gets_none_and_leaves_no_trace(
    in_place: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(hall: Hall) -> None:
        said, tried = asyncio.Queue[dict[str, Any]](), list[str]()

        async def send(message: dict[str, Any]) -> None:
            tried.append(message["type"])
            if message["type"] == "websocket.send":
                raise Disconnected("Attempt to send on a closed protocol")  # as daphne does

        scope = {"type": "websocket", "subprotocols": ["emotion.v1"], "owner": AN, "language": "en"}
        served = asyncio.create_task(LiveConsumer.as_asgi()(scope, said.get, send))
        said.put_nowait({"type": "websocket.connect"})
        hello = {"type": "hello", "version": 1, "consent": CONSENT}
        said.put_nowait({"type": "websocket.receive", "text": json.dumps(hello)})
        await until(lambda: "websocket.send" in tried)
        assert hall.service.admission.viewers == 1
        said.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await served
        assert tried == ["websocket.accept", "websocket.send"]
        assert hall.service.admission.viewers == 0

    run(in_place, script)
    assert caplog.text == ""


def test_health_says_exactly_what_is_documented(hall: Hall) -> None:
    assert hall.service.status().health() == {
        "status": "ready",
        "version": "0",
        "consent": CONSENT,
        "device": "cpu",
        "models": ["first", "second"],
        "viewers": 0,
        "capacity": 3,
        "fps": 0.0,
        "queue": 0,
        "drops": {},
        "recorder": {"waiting": 0, "lost": 0, "failing": False},
    }


def test_health_follows_the_engine_and_the_recorder(hall: Hall) -> None:
    hall.recorder._failure = "OperationalError: no such disk"
    assert hall.service.status().health()["status"] == "degraded"
    hall.engine.state = "starting"
    assert hall.service.status().health()["status"] == "starting"

"""The modules that a live frame passes. `python -m tests.frame_path` prints them in order of first call.

One frame with two faces passes through a real consumer and a real engine in this process, and each function
call of `emoweb` and `recognition` is noted. A module that only holds values, such as the viewer's states, is
not counted: values travel with the frame.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from types import FrameType
from typing import Any
from unittest import mock

import django

PACKAGES = ("emoweb", "recognition")
FRAMES = 3  # the last one is counted: the first ones load models and start tracks
READY_S = 300.0


class Path:
    """Notes the modules whose functions are called, in all threads that start later, while it is `open`."""

    def __init__(self) -> None:
        self.open = False
        self.modules: dict[str, None] = {}

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        module = str(frame.f_globals.get("__name__", ""))
        written = frame.f_code.co_filename.endswith(".py")  # the methods of a dataclass are generated
        if self.open and event == "call" and written and module.partition(".")[0] in PACKAGES:
            self.modules.setdefault(module)


def frame_path() -> list[str]:
    """Return the modules, in the order of their first call."""
    django.setup()
    path = Path()
    threading.setprofile(path.note)
    try:
        asyncio.run(_stream(path))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # None is documented
    return list(path.modules)


async def _stream(path: Path) -> None:
    from emoweb.live import service
    from emoweb.live.capacity.admission import Admission
    from emoweb.live.service import LiveService, Site
    from emoweb.live.session.recorder import Recorder
    from emoweb.live.session.sessions import Sessions
    from emoweb.live.socket.consumer import LiveConsumer
    from recognition import LocalEngine, default_cache_folder, default_weights_folder
    from tests.emoweb.protocol import pictures
    from tests.emoweb.test_live_protocol import CONSENT, frame

    engine = LocalEngine.open(default_weights_folder(), default_cache_folder(), "cpu")
    live = LiveService(
        engine, Recorder(tidy=lambda: None), Admission(lambda: 1), Sessions(), Site("0", CONSENT)
    )
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"subprotocols": ["emotion.v1"], "owner": "visitor:" + "a" * 32, "language": "en"}
    engine.start()
    try:
        assert await engine.ready(READY_S), engine.stats().failure
        with mock.patch.object(service, "current", return_value=live):
            consumer = asyncio.create_task(LiveConsumer()(scope, received.get, sent.put))
            received.put_nowait({"type": "websocket.connect"})
            received.put_nowait(_text(type="hello", version=1, consent=CONSENT))
            await _answer(sent, "welcome")
            jpeg = pictures.two_faces()
            sys.setprofile(path.note)
            for seq in range(1, FRAMES + 1):
                path.open = seq == FRAMES
                received.put_nowait({"type": "websocket.receive", "bytes": frame(seq, jpeg)})
                assert len((await _answer(sent, "result"))["faces"]) == 2
            # The same task goes on after the answer: it counts and records the result.
            await asyncio.sleep(0)
            path.open = False
            received.put_nowait({"type": "websocket.disconnect"})
            await consumer
    finally:
        engine.close()


def _text(**message: object) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": json.dumps(message)}


async def _answer(sent: asyncio.Queue[dict[str, Any]], kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads((await sent.get()).get("text", "{}"))
        if message.get("type") == kind:
            return message


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emoweb.settings")
    found = frame_path()
    for package in PACKAGES:
        print(f"{package}: {sum(module.startswith(package) for module in found)}")
    print(*found, sep="\n")

"""The ASGI consumer of `/ws/live/`: accepts a socket and passes its messages on."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from autobahn.exception import Disconnected
from channels.consumer import AsyncConsumer

from emoweb.live import service
from emoweb.live.protocol import SUBPROTOCOL
from emoweb.live.socket.viewer import Viewer

logger = logging.getLogger(__name__)


class LiveConsumer(AsyncConsumer):
    """One socket. `scope` brings `owner` and `language`: origin and cookie were checked on the way here."""

    viewer: Viewer | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve until the socket is closed, or the server cancels.

        Not Channels' own loop: that passes through the event loop several times per message, and visits the
        database thread, while the server keeps reading: a flood would fill the memory.
        """
        self.scope, self.base_send = scope, send
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                await self.dispatch(message)
        finally:
            if self.viewer is not None:
                await self.viewer.disconnected()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle a message."""
        if message["type"] == "websocket.connect":
            await self.connect()
        else:
            await self.receive(message)

    async def connect(self) -> None:
        """Accept clients of emotion.v1; refuse the handshake of any other."""
        if SUBPROTOCOL not in self.scope["subprotocols"]:
            await self.close_with(1000)
            return
        viewer = Viewer(service.current(), self, self.scope["owner"], self.scope["language"])
        await self.send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        self.viewer = viewer
        viewer.start()

    async def receive(self, message: dict[str, Any]) -> None:
        """Dispatch a message. No work is awaited here: the next message waits for this one."""
        if self.viewer is None:
            return
        try:
            if message.get("text") is not None:
                await self.viewer.text_received(message["text"])
            else:
                await self.viewer.frame_received(message["bytes"])
        except Exception:
            # The top of a worker: the client is informed, and its socket stays open.
            logger.exception("A message could not be handled.")
            await self.viewer.message_failed()

    async def send_text(self, text: str) -> None:
        """Send a text message; a client that has just disconnected is reported with the next message."""
        with suppress(Disconnected):
            await self.send({"type": "websocket.send", "text": text})

    async def close_with(self, code: int) -> None:
        """Close with a code; before `accept` it refuses the handshake."""
        await self.send({"type": "websocket.close", "code": code})

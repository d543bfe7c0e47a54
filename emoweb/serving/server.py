"""daphne's server inside this process: starts the live service, and shuts it down in order."""

# First of all: importing it installs the reactor that runs on asyncio.
import daphne.server  # isort: skip

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from daphne.ws_protocol import WebSocketFactory
from twisted.internet import defer, reactor
from twisted.logger import globalLogBeginner

from emoweb.serving.request import LimitedHTTPFactory

MAX_MESSAGE_BYTES = 1024 * 1024
GOING_AWAY = 1001
# Together less than the 3 s in which everything must have stopped.
FAREWELL_S = 0.7  # for clients to acknowledge the close frame, and for their sessions to end
CANCEL_S = 0.4
STOP_S = 1.3  # for the service to write what it has recorded
LAST_RESORT_S = 2.5

logger = logging.getLogger("emoweb.serving")


class Server(daphne.server.Server):
    """One site on one address.

    `started` is called on the event loop once the port listens, `stopped` on a thread after the last
    socket is closed; `stopped` may block for a second.
    """

    def __init__(
        self, application: Any, host: str, port: int, started: Callable[[], Any], stopped: Callable[[], Any]
    ) -> None:
        """Take the ASGI application and the address; nothing listens yet."""
        super().__init__(
            application,
            endpoints=[f"tcp:{port}"],
            websocket_timeout=-1,  # a session may last more than daphne's one day
            websocket_max_message_size=MAX_MESSAGE_BYTES,
            websocket_max_frame_size=MAX_MESSAGE_BYTES,
            server_name="emoweb",
        )
        self._host = host.strip("[]")
        self._port = port
        self._started = started
        self._stopped = stopped
        self._listener: Any = None
        self.connections: dict[Any, dict[str, Any]] = {}

    def listen(self) -> None:
        """Bind the port; raises twisted.internet.error.CannotListenError if it is not available."""
        self.http_factory = LimitedHTTPFactory(self)
        self.ws_factory = WebSocketFactory(self, server=self.server_name)
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # origins are the application's to judge
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=MAX_MESSAGE_BYTES,
            maxFramePayloadSize=MAX_MESSAGE_BYTES,
            failByDrop=False,  # an oversized message is closed with 1009, not dropped with 1006
        )
        globalLogBeginner.beginLoggingTo([lambda _: None], redirectStandardIO=False, discardBuffer=True)
        self._listener = reactor.listenTCP(self._port, self.http_factory, interface=self._host)

    def run(self) -> None:
        """Serve until a signal stops it; requires `listen`."""
        asyncio.set_event_loop(reactor._asyncioEventloop)
        reactor.callLater(0, self._started)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        reactor.addSystemEventTrigger("before", "shutdown", self._shut_down)
        reactor.run()

    def _shut_down(self) -> Any:
        end_anyway_after(LAST_RESORT_S)
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._farewell()))

    async def _farewell(self) -> None:
        self._listener.stopListening()
        for protocol in list(self.connections):
            say_goodbye(protocol)
        await _settle(self._applications(), FAREWELL_S)
        for application in self._applications():
            application.cancel()
        await _settle(self._applications(), CANCEL_S)
        stopping = asyncio.get_running_loop().run_in_executor(None, self._stopped)
        await _settle([stopping], STOP_S)

    def _applications(self) -> list[asyncio.Future[Any]]:
        running = [details.get("application_instance") for details in self.connections.values()]
        return [application for application in running if application is not None and not application.done()]


def say_goodbye(protocol: Any) -> None:
    """Send close 1001 to an open socket; an application could not send that code."""
    if getattr(protocol, "state", None) == getattr(protocol, "STATE_OPEN", "none"):
        protocol.sendCloseFrame(code=GOING_AWAY, isReply=False)


def end_anyway_after(seconds: float) -> None:
    """Exit the process after `seconds` if a thread still blocks it."""

    def end() -> None:
        logger.error("A component did not stop in time and was terminated.")
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


async def _settle(futures: list[asyncio.Future[Any]], seconds: float) -> None:
    if not futures:
        return
    done, _ = await asyncio.wait(futures, timeout=seconds)
    for future in done:
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("Error while stopping: %s", error, exc_info=error)

"""The plain engine server on an address of its own, in a thread: it can go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread

from aiohttp import web

from tests.processes import free_port


class EngineServer:
    """Serves an aiohttp application; `stop` and `start` again keep the port."""

    def __init__(self, make: Callable[[], web.Application]) -> None:
        """Nothing listens yet."""
        self._make = make
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; returns once connections are taken."""
        self._loop = asyncio.new_event_loop()
        self._runner = web.AppRunner(self._make(), access_log=None, shutdown_timeout=0.1)
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._runner.setup())
        self._do(web.TCPSite(self._runner, "127.0.0.1", self.port).start())

    def stop(self) -> None:
        """Close every connection; nobody listens any more."""
        self._do(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Awaitable[None]) -> None:
        async def wait() -> None:
            await work

        asyncio.run_coroutine_threadsafe(wait(), self._loop).result(30)

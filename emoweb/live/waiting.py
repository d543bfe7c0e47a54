"""Waiting, on the event loop, for what another thread finishes."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future
from typing import TypeVar

Outcome = TypeVar("Outcome")


async def outcome_of(future: Future[Outcome]) -> Outcome:
    """Return the future's result or raise its error; whoever stops waiting leaves the future as it is.

    asyncio's own wrap_future would cancel it, or complain later that nobody asked for its error.
    """
    if not future.done():
        loop = asyncio.get_running_loop()
        finished: asyncio.Future[None] = loop.create_future()

        def tell(_: Future[Outcome]) -> None:
            # A loop that is closed by now has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_finish, finished)

        future.add_done_callback(tell)
        await finished
    return future.result()


def _finish(finished: asyncio.Future[None]) -> None:
    if not finished.done():
        finished.set_result(None)

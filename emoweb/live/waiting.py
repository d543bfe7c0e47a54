"""Awaits another thread's future on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future
from typing import TypeVar

Outcome = TypeVar("Outcome")


async def outcome_of(future: Future[Outcome]) -> Outcome:
    """Return the future's result or raise its error; cancelling the wait does not cancel the future.

    asyncio's own wrap_future would cancel it, or warn later that its error was never retrieved.
    """
    if not future.done():
        loop = asyncio.get_running_loop()
        finished: asyncio.Future[None] = loop.create_future()

        def tell(_: Future[Outcome]) -> None:
            # A closed loop has no waiting tasks.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_finish, finished)

        future.add_done_callback(tell)
        await finished
    return future.result()


def _finish(finished: asyncio.Future[None]) -> None:
    if not finished.done():
        finished.set_result(None)

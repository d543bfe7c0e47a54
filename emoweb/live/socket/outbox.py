"""One viewer's responses, sent in the order of the requests.

Frames are answered when the engine has finished them, texts at once; in one queue a change of settings
cannot overtake earlier results.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Final, NamedTuple, TypeVar

# A viewer with more unanswered messages is flooding: `put` returns False, and the viewer is closed.
MOST_STEPS: Final = 4096

logger = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")


class Step(NamedTuple):
    """An action to run in order; `seq` if it answers a frame."""

    run: Callable[[], Awaitable[None]]
    seq: int | None


class Outbox:
    """A queue of actions and the task that runs them."""

    def __init__(self, failed: Callable[[int | None], Awaitable[None]], most: int = MOST_STEPS) -> None:
        """Call `failed` with the frame's seq, or None, when an action raises."""
        self._failed = failed
        self._steps: asyncio.Queue[Step] = asyncio.Queue(most)
        self._task: asyncio.Task[None] | None = None

    def put(self, run: Callable[[], Awaitable[None]], seq: int | None = None) -> bool:
        """Queue an action; return False when the queue is full."""
        try:
            self._steps.put_nowait(Step(run, seq))
        except asyncio.QueueFull:
            return False
        return True

    def start(self) -> None:
        """Start to run actions."""
        self._task = asyncio.create_task(self._take(), name="outbox")

    def stop(self) -> None:
        """Run no further action. The running one is cancelled, unless it is the one that stops the outbox."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _take(self) -> None:
        mine = asyncio.current_task()
        while self._task is mine:
            step = await self._steps.get()
            try:
                await step.run()
            except Exception:
                # The top of a worker: one failed action must not end the viewer's responses.
                logger.exception("A response could not be sent.")
                await self._failed(step.seq)


async def outcome_of(future: Future[Outcome]) -> Outcome:
    """Return the future's result or raise its error; canceling the wait does not cancel the future.

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

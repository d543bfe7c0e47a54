"""One viewer's answers, given in the order of their questions.

Frames are answered when the engine is done with them, texts at once; in one queue a change of settings
cannot overtake the results that came before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

# A viewer with more unanswered messages floods: `put` says no, and the viewer is closed.
MOST_STEPS: Final = 4096

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """Something to do when its turn comes; `seq` when it answers a frame."""

    run: Callable[[], Awaitable[None]]
    seq: int | None


class Outbox:
    """A queue of steps and the task that takes them."""

    def __init__(self, failed: Callable[[int | None], Awaitable[None]], most: int = MOST_STEPS) -> None:
        """Call `failed` with the frame's seq, or None, when a step raises."""
        self._failed = failed
        self._steps: asyncio.Queue[Step] = asyncio.Queue(most)
        self._task: asyncio.Task[None] | None = None

    def put(self, run: Callable[[], Awaitable[None]], seq: int | None = None) -> bool:
        """Queue a step; False when the queue is full."""
        try:
            self._steps.put_nowait(Step(run, seq))
        except asyncio.QueueFull:
            return False
        return True

    def start(self) -> None:
        """Begin to take steps."""
        self._task = asyncio.create_task(self._take(), name="outbox")

    def stop(self) -> None:
        """Take no further step. The running one is cancelled, unless it is the one that stops the outbox."""
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
                # The top of a worker: one bad step must not silence the viewer.
                logger.exception("An answer could not be given.")
                await self._failed(step.seq)

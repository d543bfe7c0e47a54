"""How waiting frames and images receive their outcome from an engine, and how callers wait for it."""

import asyncio
from concurrent.futures import Future

from recognition.engine.queue import Waiting
from recognition.engine.stills import WaitingStill
from recognition.errors import RecognitionError
from recognition.types import FrameResult


def end(waiting: Waiting | WaitingStill, outcome: FrameResult | RecognitionError) -> None:
    """Set a future's outcome, unless it has one or was canceled."""
    if waiting.future.done() or not waiting.future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, RecognitionError):
        waiting.future.set_exception(outcome)
    else:
        waiting.future.set_result(outcome)


async def ended_well(future: "Future[None]", timeout_s: float) -> bool:
    """Wait for a future, at most `timeout_s`; False where it has not ended by then, or with an error."""
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), timeout_s)
    except (TimeoutError, RecognitionError):
        return False
    return True

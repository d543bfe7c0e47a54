"""How a frame or a picture that waits for an engine gets its outcome."""

from recognition.errors import RecognitionError
from recognition.live.queue import Waiting
from recognition.live.stills import WaitingStill
from recognition.types import FrameResult


def end(waiting: Waiting | WaitingStill, outcome: FrameResult | RecognitionError) -> None:
    """Give a future its outcome, unless it has one or its viewer gave up on it."""
    if waiting.future.done() or not waiting.future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, RecognitionError):
        waiting.future.set_exception(outcome)
    else:
        waiting.future.set_result(outcome)

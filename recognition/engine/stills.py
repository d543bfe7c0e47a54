"""The queue of still images, which are processed after the live frames."""

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass, field

from recognition.errors import EngineBusy
from recognition.options import EngineOptions
from recognition.pipeline import ImageRequest
from recognition.types import FrameResult


@dataclass(slots=True, eq=False)
class WaitingStill:
    """An image and the future that its sender holds; `steps` once it has been started."""

    request: ImageRequest
    steps: "Generator[None, None, FrameResult] | None" = None
    future: "Future[FrameResult]" = field(default_factory=Future)


class StillQueue:
    """A bounded queue without a lock of its own, first in, first out; a full queue is an error."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._waiting: deque[WaitingStill] = deque()
        self._batches_before = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, request: ImageRequest) -> "Future[FrameResult]":
        """Queue an image; raise EngineBusy where the queue is full."""
        if len(self._waiting) >= self._options.max_stills:
            raise EngineBusy("Too many images wait already; send this one again in a few seconds.")
        waiting = WaitingStill(request)
        self._waiting.append(waiting)
        return waiting.future

    def put_back(self, waiting: WaitingStill) -> None:
        """Queue a started image for its next step, in front of the others."""
        self._waiting.appendleft(waiting)

    def take(self, frames_wait: bool) -> WaitingStill | None:
        """Take the next image where no live frame waits, or where enough live batches went before it."""
        if not self._waiting:
            self._batches_before = 0
            return None
        if frames_wait and self._batches_before < self._options.batches_first:
            self._batches_before += 1
            return None
        self._batches_before = 0
        return self._waiting.popleft()

    def empty(self) -> list[WaitingStill]:
        """Remove and return everything that is waiting."""
        everything = list(self._waiting)
        self._waiting.clear()
        return everything

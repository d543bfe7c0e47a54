"""The frames that wait for the worker: at most one per viewer, recent ones only, in round-robin order."""

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field

from recognition.options import EngineOptions
from recognition.types import FrameResult


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One viewer's JPEG as received; `received_at` is in seconds of a steady clock."""

    viewer: str
    jpeg: bytes
    width: int
    height: int
    model: str
    quality: str
    received_at: float


@dataclass(slots=True, eq=False)
class Waiting:
    """A frame and the future that its viewer holds."""

    frame: LiveFrame
    future: "Future[FrameResult]" = field(default_factory=Future)


class FrameQueue:
    """A bounded queue without a lock of its own; what it gives up is returned, for the caller to answer."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._places: OrderedDict[str, Waiting] = OrderedDict()

    def __len__(self) -> int:
        return len(self._places)

    def put(self, waiting: Waiting) -> tuple[Waiting, str] | None:
        """Queue a frame; return the frame that it replaced and why, if any.

        A viewer's newer frame takes the place of the older one. When all places are taken, the oldest goes:
        a face two seconds late is worse than none.
        """
        viewer = waiting.frame.viewer
        before = self._places.get(viewer)
        self._places[viewer] = waiting
        if before is not None:
            return before, "superseded"
        if len(self._places) > self._options.max_waiting:
            return self._places.popitem(last=False)[1], "stale"
        return None

    def take(self, now: float) -> tuple[list[Waiting], list[Waiting]]:
        """Take the next batch; return it and the frames that waited too long."""
        oldest = now - self._options.max_age_ms / 1000
        stale = [waiting for waiting in self._places.values() if waiting.frame.received_at < oldest]
        for waiting in stale:
            del self._places[waiting.frame.viewer]
        count = min(len(self._places), self._options.max_batch)
        return [self._places.popitem(last=False)[1] for _ in range(count)], stale

    def remove(self, viewer: str) -> Waiting | None:
        """Remove and return a viewer's waiting frame, if there is one."""
        return self._places.pop(viewer, None)

    def empty(self) -> list[Waiting]:
        """Remove and return everything that is waiting."""
        everything = list(self._places.values())
        self._places.clear()
        return everything

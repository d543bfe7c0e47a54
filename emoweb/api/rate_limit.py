"""Limits the requests per minute from one address."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
# Above this number, addresses without a request in the last minute are removed.
MOST_ADDRESSES = 10_000


class RateLimit:
    """A sliding one-minute window for each address, in this process only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without requests."""
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, deque[float]] = {}

    def wait_s(self, address: str, limit: int) -> int:
        """Count a request; return 0 if it is allowed, else the number of seconds until the next one is.

        A refused request is not counted: a client that waits for Retry-After is served. 0 means no limit.
        """
        if limit == 0:
            return 0
        now = self._clock()
        with self._lock:
            asked = self._asked.setdefault(address, deque())
            while asked and now - asked[0] >= WINDOW_S:
                asked.popleft()
            if len(asked) >= limit:
                return max(math.ceil(asked[0] + WINDOW_S - now), 1)
            asked.append(now)
            if len(self._asked) > MOST_ADDRESSES:
                self._forget(now)
        return 0

    def _forget(self, now: float) -> None:
        self._asked = {address: asked for address, asked in self._asked.items() if now - asked[-1] < WINDOW_S}

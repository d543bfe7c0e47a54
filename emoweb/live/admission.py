"""Limits how much a client may send. Pure: every function takes the time, in seconds of one monotonic clock.

Each rule has a response in the protocol: `drop rate`, close 4429, close 4400, `error capacity`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

# Below this rate live recognition is not useful; viewers are admitted while all get at least this much.
FPS_PER_VIEWER: Final = 5.0
LEAST_CAPACITY: Final = 8
# Without a refusal for this long the sender is back under the limit, and the flood has ended.
CALM_S: Final = 1.0


class TokenBucket:
    """Allows `rate` a second, and `size` at once after a pause."""

    def __init__(self, rate: float, size: float) -> None:
        """Start full; `rate` in tokens a second."""
        self._rate = rate
        self._size = size
        self._tokens = size
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Take one token; return False when there is none."""
        if self._filled_at is not None:
            elapsed_s = max(now - self._filled_at, 0.0)
            self._tokens = min(self._size, self._tokens + elapsed_s * self._rate)
        self._filled_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


class FloodGuard:
    """Refuses messages over the rate, and reports a flood when that lasts for `patience_s`."""

    def __init__(self, rate: float = 30.0, burst: float = 60.0, patience_s: float = 5.0) -> None:
        """Watch one sender."""
        self._bucket = TokenBucket(rate, burst)
        self._patience_s = patience_s
        self._refusing_since: float | None = None
        self._last_refusal: float | None = None

    def admit(self, now: float) -> bool:
        """Return whether a message that arrives now is within the rate."""
        if self._last_refusal is not None and now - self._last_refusal > CALM_S:
            self._refusing_since = self._last_refusal = None
        if self._bucket.take(now):
            return True
        self._last_refusal = now
        if self._refusing_since is None:
            self._refusing_since = now
        return False

    def is_flood(self, now: float) -> bool:
        """Whether messages have been refused for `patience_s` without a break."""
        return self._refusing_since is not None and now - self._refusing_since >= self._patience_s


class BadStreak:
    """Counts consecutive bad frames."""

    def __init__(self, most: int = 10) -> None:
        """Allow `most` - 1 consecutive bad frames."""
        self._most = most
        self._count = 0

    def bad(self) -> bool:
        """Count a bad frame; return whether the limit is reached."""
        self._count += 1
        return self._count >= self._most

    def good(self) -> None:
        """Forget the bad ones before."""
        self._count = 0


class ReadingGuard:
    """Detects a client that sends but does not read: its unread results would fill the server's memory."""

    def __init__(self, most_behind: int = 32, patience_s: float = 5.0) -> None:
        """Allow `most_behind` unread results without a time limit, more for `patience_s`."""
        self._most_behind = most_behind
        self._patience_s = patience_s
        self._unread: deque[int] = deque()
        self._behind_since: float | None = None

    def answer_sent(self, seq: int) -> None:
        """Count a result. One that repeats an old frame's number (`bad_seq`) is not counted twice."""
        if not self._unread or seq > self._unread[-1]:
            self._unread.append(seq)

    def frame_received(self, answered: int, now: float) -> bool:
        """Record what the client has read; return whether it has not been reading for too long."""
        while self._unread and self._unread[0] <= answered:
            self._unread.popleft()
        if len(self._unread) <= self._most_behind:
            self._behind_since = None
            return False
        if self._behind_since is None:
            self._behind_since = now
        return now - self._behind_since >= self._patience_s


class Admission:
    """So many viewers at a time, no more."""

    def __init__(self, capacity: Callable[[], int]) -> None:
        """Evaluate `capacity` at each admission, since it may follow the measured speed."""
        self._capacity = capacity
        self._admitted: set[str] = set()

    @property
    def viewers(self) -> int:
        """How many viewers are admitted."""
        return len(self._admitted)

    @property
    def capacity(self) -> int:
        """How many places there are now."""
        return self._capacity()

    def admit(self, viewer: str) -> bool:
        """Admit a viewer; return False at capacity. An admitted viewer keeps its place."""
        if viewer in self._admitted:
            return True
        if len(self._admitted) >= self._capacity():
            return False
        self._admitted.add(viewer)
        return True

    def transfer(self, old: str, new: str) -> bool:
        """Transfer the place of `old` to `new`; return False when `old` has none."""
        if old not in self._admitted:
            return False
        self._admitted.remove(old)
        self._admitted.add(new)
        return True

    def release(self, viewer: str) -> None:
        """Free a viewer's place; releasing twice is harmless."""
        self._admitted.discard(viewer)


def measured_capacity(frame_ms: float) -> int:
    """Return how many viewers get FPS_PER_VIEWER when a frame costs `frame_ms` (0: not yet measured)."""
    if frame_ms <= 0:
        return LEAST_CAPACITY
    return max(LEAST_CAPACITY, int(1000 / frame_ms / FPS_PER_VIEWER))

"""Limits what a client may send. Pure: every function takes the time, in seconds of one monotonic clock.

Each rule has a response in the protocol: `drop rate`, close 4429, close 4400, an error that names the frame.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from emoweb.live.protocol import FrameHeader, FrameRefused, parse_frame

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


class Flooded(Exception):
    """The client sends too much for too long, or does not read what it is sent."""


class Incoming(NamedTuple):
    """A frame with a readable header; `drop` says why it is not analyzed, None if it is."""

    header: FrameHeader
    jpeg: bytes
    drop: str | None


class FrameGate:
    """Checks size, header, order and rate of one socket's frames."""

    def __init__(self) -> None:
        """Start before the first frame."""
        self._flood = FloodGuard()
        self._reading = ReadingGuard()
        self._last_seq = -1

    def admit(self, data: bytes, now: float, *, paused: bool) -> Incoming:
        """Return what to do with a binary message. Raises Flooded, or FrameRefused with its code."""
        within_rate = self._flood.admit(now)
        if self._flood.is_flood(now):
            raise Flooded
        header, jpeg = self._parse(data)
        if self._reading.frame_received(header.answered, now):
            raise Flooded
        if header.seq <= self._last_seq:
            raise FrameRefused("bad_seq", seq=header.seq)
        self._last_seq = header.seq
        return Incoming(header, jpeg, _drop_reason(header, within_rate=within_rate, paused=paused))

    def answer_sent(self, seq: int) -> None:
        """Record that a frame was answered."""
        self._reading.answer_sent(seq)

    def _parse(self, data: bytes) -> tuple[FrameHeader, bytes]:
        try:
            return parse_frame(data)
        except FrameRefused as refused:
            # A frame that is too large has still used its number: the error refers to it.
            if refused.seq is not None:
                self._last_seq = max(self._last_seq, refused.seq)
            raise


def _drop_reason(header: FrameHeader, *, within_rate: bool, paused: bool) -> str | None:
    if not within_rate:
        return "rate"
    if paused:
        return "paused"
    return None if header.side_is_allowed else "bad_image"

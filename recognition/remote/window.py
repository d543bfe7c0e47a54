"""The number of frames that may be in flight to an engine: measured, not configured.

Additive increase and multiplicative decrease, as TCP does (Chiu and Jain 1989): answers that arrive in
time enlarge the window by one frame per round trip; late and lost answers shrink it. Frames therefore wait
here, where a newer frame replaces an older one, and a busy or failing engine does not receive work whose
result is no longer needed.
"""

LATE_SHRINKS, LOST_SHRINKS = 0.8, 0.5
FIRST = 2.0


class Window:
    """Between one and `most` frames; an answer within `in_time_s` seconds is in time."""

    def __init__(self, most: int, in_time_s: float) -> None:
        self._most, self._in_time_s = most, in_time_s
        self._size = min(FIRST, float(most))
        self._shrunk_at = float("-inf")

    @property
    def size(self) -> int:
        """How many frames may be on their way now."""
        return int(self._size)

    def answered(self, sent_at: float, now: float) -> None:
        """Note an answer to a frame; both times in seconds of one clock."""
        if now - sent_at <= self._in_time_s:
            self._size = min(self._size + 1 / self._size, float(self._most))
        else:
            self._shrink(LATE_SHRINKS, sent_at, now)

    def lost(self, sent_at: float, now: float) -> None:
        """Note a frame that got no answer."""
        self._shrink(LOST_SHRINKS, sent_at, now)

    def _shrink(self, factor: float, sent_at: float, now: float) -> None:
        # What was sent before the last time reflects the window as it was then.
        if sent_at >= self._shrunk_at:
            self._size = max(self._size * factor, 1.0)
            self._shrunk_at = now

"""Recent performance of one viewer's stream: the numbers of `stats`. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from emoweb.live.protocol import Latency

WINDOW_S: Final = 4.0
# More than fit into a window at the highest admitted rate.
_MOST: Final = 1024
# With fewer frames than this, a share is not meaningful.
_ENOUGH: Final = 8


class Figures:
    """Rate and delay of the results of the last WINDOW_S seconds."""

    def __init__(self) -> None:
        """Start without results."""
        self._results: deque[tuple[float, float]] = deque(maxlen=_MOST)
        self._lost: deque[float] = deque(maxlen=_MOST)

    def result(self, now: float, total_ms: float) -> None:
        """Note a result and how long it took."""
        self._results.append((now, total_ms))

    def lost(self, now: float) -> None:
        """Count a frame that arrived faster than the server works (superseded or stale)."""
        self._lost.append(now)

    def fps(self, now: float) -> float:
        """Results a second."""
        self._forget_old(now)
        return round(len(self._results) / WINDOW_S, 2)

    def latency(self, now: float) -> Latency:
        """Milliseconds from receipt to result; zeros where there was none."""
        self._forget_old(now)
        times_ms = sorted(total_ms for _, total_ms in self._results)
        return Latency(p50=_quantile(times_ms, 0.5), p95=_quantile(times_ms, 0.95))

    def lost_share(self, now: float) -> float:
        """Share of frames that arrived too fast, 0..1; 0 with few frames."""
        self._forget_old(now)
        frames = len(self._results) + len(self._lost)
        return len(self._lost) / frames if frames >= _ENOUGH else 0.0

    def _forget_old(self, now: float) -> None:
        while self._results and now - self._results[0][0] > WINDOW_S:
            self._results.popleft()
        while self._lost and now - self._lost[0] > WINDOW_S:
            self._lost.popleft()


def _quantile(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)

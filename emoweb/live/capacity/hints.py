"""What a stream achieves, and how much its client is advised to send. Pure; advice is never enforced."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from emoweb.live.protocol import CREDIT, MAX_FPS, Hint, Latency

LEAST_FPS: Final = 2.0
# Of the measured speed: the rest is for the frames that cost more than the mean.
HEADROOM: Final = 0.85
SLOW_MS: Final = 200.0
LOST_SHARE: Final = 0.2
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
        """Record a result and how long it took."""
        self._results.append((now, total_ms))

    def lost(self, now: float) -> None:
        """Count a frame that arrived faster than the server works (superseded or stale)."""
        self._lost.append(now)

    def fps(self, now: float) -> float:
        """Results per second."""
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


@dataclass(frozen=True, slots=True)
class Load:
    """What one viewer's advice depends on; `frame_ms` is what a frame costs the engine, 0 when unknown."""

    frame_ms: float
    viewers: int
    quality: str
    achieved_fps: float
    p95_ms: float
    lost_share: float


# From this many frames a second for each viewer upwards: longest side, JPEG quality, credit.
_STEPS: Final = ((8.0, 640, 0.8, CREDIT), (4.0, 560, 0.7, CREDIT), (0.0, 480, 0.6, 1))
# The detector uses 640 pixels then: small faces need the frame's full detail.
_FAR_SIDE: Final = 1280


def advice_for(load: Load) -> Hint:
    """Return what a client under this load should send."""
    fair_fps = HEADROOM * 1000 / load.frame_ms / max(load.viewers, 1) if load.frame_ms > 0 else MAX_FPS
    if load.achieved_fps and (load.p95_ms > SLOW_MS or load.lost_share > LOST_SHARE):
        # Not below half at a time: few results may also mean that few frames were sent.
        fair_fps = min(fair_fps, max(load.achieved_fps, fair_fps / 2))
    fps = min(max(fair_fps, LEAST_FPS), float(MAX_FPS))
    side, jpeg_quality, credit = next(step[1:] for step in _STEPS if fps >= step[0])
    if load.quality == "far" and side == _STEPS[0][1]:
        side = _FAR_SIDE
    return Hint(fps=round(fps, 1), max_side=side, jpeg_quality=jpeg_quality, credit=credit)


class Advisor:
    """Reports hints only when they change: less at once, more when it lasts for two checks."""

    def __init__(self) -> None:
        """Start with the client's own defaults."""
        self._sent = Hint(fps=float(MAX_FPS), max_side=640, jpeg_quality=0.8, credit=CREDIT)
        self._more_before = False

    def advise(self, load: Load) -> Hint | None:
        """Return a hint worth sending, or None."""
        advice = advice_for(load)
        if not _differs(advice, self._sent):
            self._more_before = False
            return None
        if _is_more(advice, self._sent) and not self._more_before:
            self._more_before = True
            return None
        self._more_before = False
        self._sent = advice
        return advice


def _differs(one: Hint, other: Hint) -> bool:
    if (one.max_side, one.jpeg_quality, one.credit) != (other.max_side, other.jpeg_quality, other.credit):
        return True
    return abs(one.fps - other.fps) > 0.2 * other.fps


def _is_more(one: Hint, other: Hint) -> bool:
    return one.fps > other.fps or one.max_side > other.max_side


def _quantile(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)

"""The engine's recent activity: rates, costs, drops."""

from collections import Counter, deque
from dataclasses import dataclass

RATE_WINDOW_S = 5.0
COST_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Frames a second over the last five seconds, frames waiting, drops by reason, mean cost of a frame."""

    fps: float
    queue: int
    drops: dict[str, int]
    frame_ms: float
    failure: str | None


class EngineMeter:
    """Counts what happens; the engine calls it under its lock."""

    def __init__(self) -> None:
        self._finished: deque[float] = deque(maxlen=1000)
        self._drops: Counter[str] = Counter()
        self._frame_ms = 0.0

    def frames_finished(self, count: int, seconds: float, now: float) -> None:
        """Record a batch of answered frames that took `seconds` in total."""
        self._finished.extend([now] * count)
        cost_ms = seconds * 1000 / count
        self._frame_ms += (cost_ms - self._frame_ms) * (COST_WEIGHT if self._frame_ms else 1)

    def frame_dropped(self, reason: str) -> None:
        """Record a frame that was given up."""
        self._drops[reason] += 1

    def read(self, queue: int, failure: str | None, now: float) -> EngineStats:
        """Sum up."""
        recent = sum(1 for moment in self._finished if moment > now - RATE_WINDOW_S)
        return EngineStats(recent / RATE_WINDOW_S, queue, dict(self._drops), self._frame_ms, failure)

"""How many viewers are admitted at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

# Below this rate live recognition is not useful; viewers are admitted while all get at least this much.
FPS_PER_VIEWER: Final = 5.0
LEAST_CAPACITY: Final = 8


class Admission:
    """Admits a limited number of viewers at a time."""

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

"""Means of one session's faces, second by second. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecondMean:
    """The mean of `n` results of one face in one second, over the model's full label list."""

    second: int
    face: int
    n: int
    probabilities: tuple[float, ...]


class SecondAverages:
    """Sums results, and returns the means of the seconds that are complete."""

    def __init__(self) -> None:
        """Start empty."""
        self._sums: dict[tuple[int, int], tuple[int, list[float]]] = {}

    def __len__(self) -> int:
        """How many means are pending."""
        return len(self._sums)

    def __contains__(self, second_and_face: tuple[int, int]) -> bool:
        """Whether something of this face was already added in this second."""
        return second_and_face in self._sums

    def add(self, second: int, face: int, probabilities: Sequence[float]) -> None:
        """Count one result."""
        n, sums = self._sums.get((second, face), (0, [0.0] * len(probabilities)))
        self._sums[second, face] = (n + 1, [a + b for a, b in zip(sums, probabilities, strict=True)])

    def take_before(self, second: int | None = None) -> list[SecondMean]:
        """Remove and return, in order, the means of every second before `second`; of all without it."""
        taken = sorted(key for key in self._sums if second is None or key[0] < second)
        return [self._mean(*key, *self._sums.pop(key)) for key in taken]

    @staticmethod
    def _mean(second: int, face: int, n: int, sums: list[float]) -> SecondMean:
        return SecondMean(second, face, n, tuple(total / n for total in sums))

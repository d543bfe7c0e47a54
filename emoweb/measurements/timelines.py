"""Tallies in time intervals that are easy to read, for charts and tables of a bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emoweb.measurements.tallies import Tally

# Each divides the next, so fine intervals of a chart join into coarse ones of a table.
STEPS_S = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)


def step_for(length_s: int, most: int) -> int:
    """Return the shortest interval in seconds that covers `length_s` in at most `most` intervals.

    Beyond the longest listed interval it grows by complete days.
    """
    for step in STEPS_S:
        if length_s <= step * most:
            return step
    day = STEPS_S[-1]
    return day * -(-length_s // (day * most))


Cells = dict[int, dict[str, Tally]]  # number of the interval -> label -> tally


@dataclass(frozen=True, slots=True)
class Timeline:
    """Intervals of `step` seconds, each face's tallies in them, and the end of the last one."""

    step: int
    end: int
    faces: Mapping[int, Cells]

"""Small charts as SVG paths: one path per label, colored by class, since inline styles are not allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from emoweb.measurements.tallies import Tally, shares_of
from emoweb.measurements.timelines import Cells, Timeline

HEIGHT = 100
# Horizontal, since a chart is stretched to its width.
STRIPE = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing `width` x `height` units, a path for each label in it, and stripes over what is uncertain."""

    width: int
    height: int
    paths: Mapping[str, str]
    uncertain: str = ""


def stacked_columns(timeline: Timeline, face: int = 0) -> Chart:
    """Draw one column per interval, divided by each label's share; intervals without faces stay empty."""
    paths: dict[str, list[str]] = defaultdict(list)
    for number, tallies in sorted(timeline.faces[face].items()):
        for label, top, height in _pieces(tallies):
            paths[label].append(f"M{number} {top}h1v{height}h-1z")
    return _chart(timeline, paths)


def ribbon(timeline: Timeline, face: int, uncertain_below: float = 0.0) -> Chart:
    """Draw a face's dominant expression of each interval; join adjacent ones with the same label.

    The stripes cover the intervals whose confidence is below the threshold.
    """
    paths: dict[str, list[str]] = defaultdict(list)
    cells = timeline.faces[face]
    for start, length, label in _runs(cells):
        paths[label].append(_bar(start, length))
    uncertain = [
        _bar(number, 1, top, STRIPE)
        for number in sorted(cells)
        if shares_of(cells[number])[0].confidence < uncertain_below
        for top in range(0, HEIGHT, 2 * STRIPE)
    ]
    return _chart(timeline, paths, "".join(uncertain))


def _bar(start: int, length: int, top: int = 0, height: int = HEIGHT) -> str:
    return f"M{start} {top}h{length}v{height}h-{length}z"


def _chart(timeline: Timeline, paths: Mapping[str, list[str]], uncertain: str = "") -> Chart:
    width = -(-timeline.end // timeline.step)
    by_label = {label: "".join(path) for label, path in sorted(paths.items())}
    return Chart(max(width, 1), HEIGHT, by_label, uncertain)


def _pieces(tallies: Mapping[str, Tally]) -> list[tuple[str, int, int]]:
    """Divide the height by label, always in the same order, so that colors do not jump between columns."""
    pieces = []
    total = sum(tally.seconds for tally in tallies.values())
    seconds_so_far = 0
    for label in sorted(tallies):
        top = HEIGHT * seconds_so_far // total
        seconds_so_far += tallies[label].seconds
        pieces.append((label, top, HEIGHT * seconds_so_far // total - top))
    return pieces


def _runs(cells: Cells) -> list[tuple[int, int, str]]:
    runs: list[tuple[int, int, str]] = []
    for number in sorted(cells):
        label = shares_of(cells[number])[0].label
        if runs and runs[-1][2] == label and sum(runs[-1][:2]) == number:
            start, length, _ = runs.pop()
            runs.append((start, length + 1, label))
        else:
            runs.append((number, 1, label))
    return runs

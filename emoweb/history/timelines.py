"""What a session looked like over time, in few enough steps to draw and to read.

The database joins seconds into steps, so a session of hours costs a few hundred rows here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Avg, Case, Count, F, IntegerField, Sum, Value, When

from emoweb.history.label_views import probability, samples_in_view
from emoweb.history.models import Sample, Session
from emoweb.history.steps import step_for
from emoweb.history.summaries import NOTHING, SessionSummary, Tally, shares_of

CHART_STEPS = 240
TABLE_STEPS = 24
SMALL_CHART_STEPS = 40

Cells = dict[int, dict[str, Tally]]  # step's number -> label -> tally


class Stretch(NamedTuple):
    """A table's row: the expression seen longest between two seconds, and the mean confidence in it."""

    start: int
    end: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A face's mean probabilities: one row a step from `start` on, None where the face was not seen."""

    start: int
    rows: tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Steps of equal length `step` (seconds), each face's tallies in them, and where the last one ends."""

    step: int
    end: int
    faces: Mapping[int, Cells]


def small_timelines(
    sessions: Iterable[Session], summary_of: Mapping[UUID, SessionSummary]
) -> dict[UUID, Timeline]:
    """Return a coarse timeline for each session, all faces taken as one (face 0); one query for all."""
    step_of = {pk: step_for(summary.last + 1, SMALL_CHART_STEPS) for pk, summary in summary_of.items()}
    cells_of: dict[UUID, Cells] = {pk: defaultdict(dict) for pk in summary_of}
    if not step_of:
        return {}
    step = Case(
        *(When(session_id=pk, then=Value(seconds)) for pk, seconds in step_of.items()),
        output_field=IntegerField(),
    )
    rows = (
        samples_in_view(sessions)
        .annotate(step=F("second") / step)
        .values_list("session_id", "step", "shown")
        .annotate(Count("pk"), Sum("sure"))
    )
    for pk, number, label, seconds, confidence_sum in rows:
        cells_of[pk][number][label] = Tally(seconds, confidence_sum)
    return {
        pk: Timeline(step_of[pk], summary.last + 1, {0: cells_of[pk]}) for pk, summary in summary_of.items()
    }


def timeline(session: Session, summary: SessionSummary, faces: Sequence[int]) -> Timeline:
    """Return the session's timeline for the given faces."""
    step = step_for(summary.last + 1, CHART_STEPS)
    cells_of: dict[int, Cells] = {face: defaultdict(dict) for face in faces}
    rows = (
        samples_in_view([session])
        .filter(face__in=faces)
        .annotate(step=F("second") / Value(step))
        .values_list("face", "step", "shown")
        .annotate(Count("pk"), Sum("sure"))
    )
    for face, number, label, seconds, confidence_sum in rows:
        cells_of[face][number][label] = Tally(seconds, confidence_sum)
    return Timeline(step, summary.last + 1, cells_of)


def stretches(timeline: Timeline, face: int) -> list[Stretch]:
    """Return a face's timeline as a table of at most `TABLE_STEPS` rows; steps without it are left out."""
    step = step_for(timeline.end, TABLE_STEPS)
    joined: dict[int, dict[str, Tally]] = defaultdict(dict)
    for number, tallies in timeline.faces[face].items():
        row = joined[number * timeline.step // step]
        for label, tally in tallies.items():
            row[label] = row.get(label, NOTHING).plus(tally)
    return [_stretch(number * step, step, timeline.end, joined[number]) for number in sorted(joined)]


def curves(session: Session, positions: Sequence[int], step: int, faces: Iterable[int]) -> dict[int, Curve]:
    """Return each face's mean probabilities of the labels at `positions`, renormalised to a sum of 1."""
    means = {f"mean_{position}": Avg(probability(position)) for position in positions}
    rows = (
        Sample.objects.filter(session=session, face__in=list(faces))
        .order_by()
        .annotate(step=F("second") / Value(step))
        .values("face", "step")
        .annotate(**means)
        .order_by("face", "step")
        .values_list("face", "step", *means)
    )
    means_of: dict[int, dict[int, tuple[float, ...]]] = defaultdict(dict)
    for face, number, *values in rows:
        means_of[face][number] = _normalised(values)
    return {face: _curve(steps) for face, steps in means_of.items()}


def _stretch(start: int, step: int, end: int, tallies: Mapping[str, Tally]) -> Stretch:
    longest = shares_of(tallies)[0]
    return Stretch(start, min(start + step, end), longest.label, longest.confidence)


def _normalised(values: Sequence[float | None]) -> tuple[float, ...]:
    numbers = [value or 0.0 for value in values]
    total = sum(numbers)
    return tuple(round(number / total, 3) if total else 0.0 for number in numbers)


def _curve(steps: Mapping[int, tuple[float, ...]]) -> Curve:
    first, last = min(steps), max(steps)
    return Curve(first, tuple(steps.get(number) for number in range(first, last + 1)))

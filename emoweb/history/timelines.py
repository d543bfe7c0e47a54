"""A session's results over time, in few enough intervals to draw and to read.

The database joins seconds into intervals, so a session of several hours is a few hundred rows here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Avg, Case, Count, F, IntegerField, QuerySet, Sum, Value, When

from emoweb.history.label_views import positions_of, probability, samples_in_view, shown_labels
from emoweb.history.summaries import SessionSummary
from emoweb.measurements.tallies import NOTHING, Tally, total_of
from emoweb.measurements.timelines import Cells, Timeline, step_for
from emoweb.recordings.models import Session

CHART_STEPS = 240
TABLE_STEPS = 24
SMALL_CHART_STEPS = 40


class Stretch(NamedTuple):
    """A table row: the dominant expressions between two seconds, and their mean confidence.

    There is more than one where they were dominant equally long.

    `uncertain` is the fraction of these seconds in which the confidence was below the threshold.
    """

    start: int
    end: int
    labels: tuple[str, ...]
    confidence: float
    uncertain: float


class Span(NamedTuple):
    """The seconds from `start` (included) to `end` (excluded)."""

    start: int
    end: int

    @classmethod
    def of(cls, summary: SessionSummary) -> Span:
        """Return the seconds of a complete session."""
        return cls(0, summary.last + 1)

    @property
    def step(self) -> int:
        """The length in seconds of a chart's intervals for these seconds."""
        return step_for(self.end - self.start, CHART_STEPS)


@dataclass(frozen=True, slots=True)
class Curve:
    """A face's mean probabilities: one row per interval from `start` on, None without the face."""

    start: int
    rows: tuple[tuple[float, ...] | None, ...]

    @property
    def numbers(self) -> range:
        """The number of each row's interval."""
        return range(self.start, self.start + len(self.rows))


def small_timelines(
    sessions: Iterable[Session], summary_of: Mapping[UUID, SessionSummary]
) -> dict[UUID, Timeline]:
    """Return a coarse timeline for each session, all faces combined (face 0); one query for all."""
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


def timeline(session: Session, span: Span, faces: Sequence[int]) -> Timeline:
    """Return the timeline of the given faces in part of the session."""
    cells_of: dict[int, Cells] = {face: defaultdict(dict) for face in faces}
    rows = (
        _samples_in(session, span)
        .filter(face__in=faces)
        .values_list("face", "step", "shown")
        .annotate(Count("pk"), Sum("sure"), Sum("unsure"))
    )
    for face, number, label, seconds, confidence_sum, unsure in rows:
        cells_of[face][number][label] = Tally(seconds, confidence_sum, unsure)
    return Timeline(span.step, span.end, cells_of)


def joint_timeline(session: Session, span: Span) -> Timeline:
    """Return the timeline of part of the session with all faces combined as face 0."""
    cells: Cells = defaultdict(dict)
    rows = (
        _samples_in(session, span)
        .values_list("step", "shown")
        .annotate(Count("pk"), Sum("sure"), Sum("unsure"))
    )
    for number, label, seconds, confidence_sum, unsure in rows:
        cells[number][label] = Tally(seconds, confidence_sum, unsure)
    return Timeline(span.step, span.end, {0: cells})


def stretches(timeline: Timeline, face: int) -> list[Stretch]:
    """Return a face's timeline as a table of at most `TABLE_STEPS` rows; intervals without it are omitted."""
    step = step_for(timeline.end, TABLE_STEPS)
    joined: dict[int, dict[str, Tally]] = defaultdict(dict)
    for number, tallies in timeline.faces[face].items():
        row = joined[number * timeline.step // step]
        for label, tally in tallies.items():
            row[label] = row.get(label, NOTHING).plus(tally)
    return [_stretch(number * step, step, timeline.end, joined[number]) for number in sorted(joined)]


def curves(session: Session, span: Span, faces: Iterable[int]) -> dict[int, Curve]:
    """Return each face's mean probabilities of the labels shown, renormalized to a sum of 1."""
    means = _mean_probabilities(session)
    rows = (
        _samples_in(session, span)
        .filter(face__in=list(faces))
        .values("face", "step")
        .annotate(**means)
        .order_by("face", "step")
        .values_list("face", "step", *means)
    )
    means_of: dict[int, dict[int, tuple[float, ...]]] = defaultdict(dict)
    for face, number, *values in rows:
        means_of[face][number] = _normalised(values)
    return {face: _curve(steps) for face, steps in means_of.items()}


def joint_curve(session: Session, span: Span) -> Curve:
    """Return the mean probabilities over all faces; no rows where no face was visible."""
    means = _mean_probabilities(session)
    rows = (
        _samples_in(session, span)
        .values("step")
        .annotate(**means)
        .order_by("step")
        .values_list("step", *means)
    )
    steps = {number: _normalised(values) for number, *values in rows}
    return _curve(steps) if steps else Curve(0, ())


def confidence(cells: Cells, numbers: Iterable[int]) -> list[float | None]:
    """Return the mean confidence in each of the numbered intervals, None in those without the face."""
    totals = {number: total_of(tallies.values()) for number, tallies in cells.items()}
    return [round(totals[number].confidence, 3) if number in totals else None for number in numbers]


def _samples_in(session: Session, span: Span) -> QuerySet[Any]:
    return (
        samples_in_view([session])
        .filter(second__gte=span.start, second__lt=span.end)
        .annotate(step=F("second") / Value(span.step))
    )


def _mean_probabilities(session: Session) -> dict[str, Avg]:
    positions = positions_of(shown_labels(session), session)
    return {f"mean_{position}": Avg(probability(position)) for position in positions}


def _stretch(start: int, step: int, end: int, tallies: Mapping[str, Tally]) -> Stretch:
    seconds = max(tally.seconds for tally in tallies.values())
    longest = {label: tally for label, tally in sorted(tallies.items()) if tally.seconds == seconds}
    confidence = total_of(longest.values()).confidence
    uncertain = total_of(tallies.values()).uncertain
    return Stretch(start, min(start + step, end), tuple(longest), confidence, uncertain)


def _normalised(values: Sequence[float | None]) -> tuple[float, ...]:
    numbers = [value or 0.0 for value in values]
    total = sum(numbers)
    return tuple(round(number / total, 3) if total else 0.0 for number in numbers)


def _curve(steps: Mapping[int, tuple[float, ...]]) -> Curve:
    first, last = min(steps), max(steps)
    return Curve(first, tuple(steps.get(number) for number in range(first, last + 1)))

"""What a film showed over time, in few enough steps to draw and to read; the database does the counting."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

from django.db.models import Avg, Count, F, Sum

from emoweb.history.charts import Chart, ribbon
from emoweb.history.steps import step_for
from emoweb.history.summaries import Share, Tally, shares_of, split_short
from emoweb.history.timelines import Cells, Timeline
from emoweb.history.uncertainty import threshold_of
from emoweb.video.appearances import VideoAppearance, appearances_of
from emoweb.video.models import Film

CHART_STEPS: Final = 240
MOST_FACES: Final = 12
MOST_MOMENTS: Final = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch in which one face showed mostly one expression: seconds from `start` up to `end`.

    `label` is None where the results were uncertain.
    """

    start: int
    end: int
    label: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class FaceResult:
    """One face of a film: how long it was seen, its ribbon, its shares, its moments."""

    face: int
    seconds: int
    chart: Chart
    shares: tuple[Share, ...]
    moments: list[Moment]


@dataclass(frozen=True, slots=True)
class FilmResult:
    """The complete video: length in seconds, the seconds of each expression, its faces in order of number.

    `uncertain` is the part of the seconds whose confidence is below the threshold `below`.
    """

    seconds: int
    uncertain: float
    below: float
    shares: tuple[Share, ...]
    faces: list[FaceResult]
    faces_left_out: int
    appearances: tuple[VideoAppearance, ...]
    short: tuple[VideoAppearance, ...]


def result_of(film: Film) -> FilmResult:
    """Return what the page shows of a film that is done."""
    seconds = max(int(film.duration_s) + 1, 1)
    everyone = appearances_of(film)
    long, short = split_short(everyone)
    longest = nlargest(MOST_FACES, long, key=lambda seen: seen.seconds)
    seconds_of = {seen.face: seen.seconds for seen in sorted(longest, key=lambda seen: seen.face)}
    faces = list(seconds_of)
    line = _timeline(film, seconds, faces)
    below = threshold_of(film.model, film.labels)
    return FilmResult(
        seconds,
        _uncertain_part(film, below),
        below,
        shares_of(_tallies(film)),
        [
            FaceResult(
                face,
                seconds_of[face],
                ribbon(line, face, below),
                shares_of(_tallies(film, face=face)),
                moments(line.faces[face], line.step, below),
            )
            for face in faces
        ],
        len(long) - len(faces),
        tuple(everyone),
        short[:MOST_MOMENTS],
    )


def moments(cells: Cells, step: int, uncertain_below: float) -> list[Moment]:
    """Join neighboring steps of one expression, and neighboring uncertain ones.

    Of more than MOST_MOMENTS the longest stay, in order.
    """
    found: list[tuple[int, int, str | None, Tally]] = []
    for number in sorted(cells):
        label = shares_of(cells[number])[0].label
        tally = cells[number][label]
        shown = label if tally.confidence >= uncertain_below else None
        if found and found[-1][1:3] == (number, shown):
            start, _, _, before = found.pop()
            found.append((start, number + 1, shown, before.plus(tally)))
        else:
            found.append((number, number + 1, shown, tally))
    longest = sorted(found, key=lambda run: run[0] - run[1])[:MOST_MOMENTS]
    return [
        Moment(start * step, end * step, label, tally.confidence)
        for start, end, label, tally in sorted(longest, key=lambda run: run[0])
    ]


def summary_fields(film: Film) -> dict[str, Any]:
    """Return what an export says about the film itself."""
    rows = film.samples.order_by().values_list("label").annotate(Count("pk"), Avg("confidence"))
    return {
        "id": str(film.pk),
        "title": film.title,
        "model": film.model,
        "label_set": film.label_set,
        "labels": film.labels,
        "quality": film.quality,
        "stride": film.stride,
        "duration_s": film.duration_s,
        "frames": film.frames,
        "cut_short": film.cut_short,
        "uncertain_below": threshold_of(film.model, film.labels),
        "video_tracks": film.video_tracks,
        "seconds": {label: count for label, count, _ in rows},
    }


def _uncertain_part(film: Film, below: float) -> float:
    seconds = film.samples.count()
    return film.samples.filter(confidence__lt=below).count() / seconds if seconds else 0.0


def _tallies(film: Film, **of: Any) -> dict[str, Tally]:
    rows = film.samples.filter(**of).order_by().values_list("label").annotate(Count("pk"), Sum("confidence"))
    return {label: Tally(count, confidence_sum) for label, count, confidence_sum in rows}


def _timeline(film: Film, seconds: int, faces: list[int]) -> Timeline:
    step = step_for(seconds, CHART_STEPS)
    cells_of: dict[int, Cells] = {face: defaultdict(dict) for face in faces}
    rows = (
        film.samples.filter(face__in=faces)
        .order_by()
        .annotate(step=F("second") / step)
        .values_list("face", "step", "label")
        .annotate(Count("pk"), Sum("confidence"))
    )
    for face, number, label, count, confidence_sum in rows:
        cells_of[face][number][label] = Tally(count, confidence_sum)
    return Timeline(step, seconds, cells_of)

"""The results of a video over time, in few enough intervals to draw and to read; counted by the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

from django.db.models import Avg, Count, F, Max, Min, Sum

from emoweb.measurements.charts import Chart, ribbon
from emoweb.measurements.tallies import Share, Tally, shares_of, split_short
from emoweb.measurements.timelines import Cells, Timeline, step_for
from emoweb.served_cards import threshold_of
from emoweb.video.models import Video

CHART_STEPS: Final = 240
MOST_FACES: Final = 12
MOST_MOMENTS: Final = 60


@dataclass(frozen=True, slots=True)
class VideoAppearance:
    """A face id's time in view: the seconds of its first and last sample."""

    face: int
    first: int
    last: int

    @property
    def seconds(self) -> int:
        """Its length; not the number of samples, of which there may be one in many seconds."""
        return self.last - self.first + 1


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
    """One face of a video: how long it was seen, its ribbon, its shares, its moments."""

    face: int
    seconds: int
    chart: Chart
    shares: tuple[Share, ...]
    moments: list[Moment]


@dataclass(frozen=True, slots=True)
class VideoResult:
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


def result_of(video: Video) -> VideoResult:
    """Return the results of an analyzed video for its page."""
    seconds = max(int(video.duration_s) + 1, 1)
    everyone = _appearances(video)
    long, short = split_short(everyone)
    longest = nlargest(MOST_FACES, long, key=lambda seen: seen.seconds)
    seconds_of = {seen.face: seen.seconds for seen in sorted(longest, key=lambda seen: seen.face)}
    faces = list(seconds_of)
    line = _timeline(video, seconds, faces)
    below = threshold_of(video.model, video.labels)
    return VideoResult(
        seconds,
        _uncertain_part(video, below),
        below,
        shares_of(_tallies(video)),
        [
            FaceResult(
                face,
                seconds_of[face],
                ribbon(line, face, below),
                shares_of(_tallies(video, face=face)),
                moments(line.faces[face], line.step, below),
            )
            for face in faces
        ],
        len(long) - len(faces),
        tuple(everyone),
        short[:MOST_MOMENTS],
    )


def _appearances(video: Video) -> list[VideoAppearance]:
    """Return the appearances in order of number."""
    rows = (
        video.samples.order_by("face").values_list("face").annotate(first=Min("second"), last=Max("second"))
    )
    return [VideoAppearance(*row) for row in rows]


def moments(cells: Cells, step: int, uncertain_below: float) -> list[Moment]:
    """Join neighboring intervals of one expression, and neighboring uncertain ones.

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


def summary_fields(video: Video) -> dict[str, Any]:
    """Return the fields of the video itself in an export."""
    rows = video.samples.order_by().values_list("label").annotate(Count("pk"), Avg("confidence"))
    return {
        "id": str(video.pk),
        "title": video.title,
        "model": video.model,
        "label_set": video.label_set,
        "labels": video.labels,
        "quality": video.quality,
        "stride": video.stride,
        "duration_s": video.duration_s,
        "frames": video.frames,
        "cut_short": video.cut_short,
        "uncertain_below": threshold_of(video.model, video.labels),
        "video_tracks": video.video_tracks,
        "seconds": {label: count for label, count, _ in rows},
    }


def _uncertain_part(video: Video, below: float) -> float:
    seconds = video.samples.count()
    return video.samples.filter(confidence__lt=below).count() / seconds if seconds else 0.0


def _tallies(video: Video, **of: Any) -> dict[str, Tally]:
    rows = video.samples.filter(**of).order_by().values_list("label").annotate(Count("pk"), Sum("confidence"))
    return {label: Tally(count, confidence_sum) for label, count, confidence_sum in rows}


def _timeline(video: Video, seconds: int, faces: list[int]) -> Timeline:
    step = step_for(seconds, CHART_STEPS)
    cells_of: dict[int, Cells] = {face: defaultdict(dict) for face in faces}
    rows = (
        video.samples.filter(face__in=faces)
        .order_by()
        .annotate(step=F("second") / step)
        .values_list("face", "step", "label")
        .annotate(Count("pk"), Sum("confidence"))
    )
    for face, number, label, count, confidence_sum in rows:
        cells_of[face][number][label] = Tally(count, confidence_sum)
    return Timeline(step, seconds, cells_of)

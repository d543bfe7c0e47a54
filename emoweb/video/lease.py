"""Which worker analyzes a video: the lease in its row. Every change of state is one conditional UPDATE.

    uploading -> waiting -> running -> done | failed
                   ^  |        |
                   |  v        v
                  paused <-----+          cancelled from any state before done

A worker that finds its row changed (paused, cancelled, taken over, deleted) has lost the lease and stops.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from emoweb.measurements.averages import SecondMean
from emoweb.measurements.samples import leading
from emoweb.video.models import Video, VideoSample
from recognition import LABEL_SETS

# A worker beats each second or two; one that is silent for so long is dead, and its video goes to another.
LEASE: Final = timedelta(seconds=20)
State = Video.State


class LeaseLost(Exception):
    """Another worker, or none, owns the video now."""


class Lease:
    """One worker's ownership of one video."""

    def __init__(self, video_id: UUID, worker: str) -> None:
        """Taken by `take`."""
        self.video_id = video_id
        self._mine = Video.objects.filter(pk=video_id, worker=worker, state=State.RUNNING)

    @classmethod
    def take(cls, video_id: UUID) -> Lease | None:
        """Take a queued video; return None if it is not (or no longer) queued."""
        worker, now = uuid.uuid4().hex, timezone.now()
        taken = Video.objects.filter(pk=video_id, state=State.WAITING).update(
            state=State.RUNNING, worker=worker, heartbeat=now, run_began=now
        )
        return cls(video_id, worker) if taken else None

    def beat(self, position_s: float) -> None:
        """Record that the worker is alive, and its position; raises LeaseLost."""
        self._change(position_s=position_s)

    def start(self, from_s: float, duration_s: float) -> None:
        """Record where this run starts, once the models are loaded; raises LeaseLost."""
        self._change(run_began=timezone.now(), run_from_s=from_s, position_s=from_s, duration_s=duration_s)

    def save(
        self, saved_s: float, checkpoint: dict[str, Any], frames: int, means: Sequence[SecondMean]
    ) -> None:
        """Write the measurements and where to continue, both or neither; raises LeaseLost."""
        with transaction.atomic():
            self._change(saved_s=saved_s, position_s=saved_s, checkpoint=checkpoint, frames=frames)
            labels, label_set = Video.objects.values_list("labels", "label_set").get(pk=self.video_id)
            shown = LABEL_SETS.get(label_set, labels)
            rows = [_sample(self.video_id, labels, shown, mean) for mean in means]
            VideoSample.objects.bulk_create(rows, batch_size=500)

    def finish(self, duration_s: float, cut_short: bool) -> None:
        """Record that the analysis is done; raises LeaseLost."""
        self._change(
            state=State.DONE, duration_s=duration_s, position_s=duration_s, cut_short=cut_short, worker=""
        )

    def fail(self, code: str) -> None:
        """Record why the video cannot be analyzed; raises LeaseLost."""
        self._change(state=State.FAILED, code=code, worker="")

    def _change(self, **fields: Any) -> None:
        if not self._mine.update(heartbeat=timezone.now(), **fields):
            raise LeaseLost


def _sample(video_id: UUID, labels: Sequence[str], shown: Sequence[str], mean: SecondMean) -> VideoSample:
    """Return the row of a mean: the label and its confidence among the labels that the visitor chose."""
    among = {label: p for label, p in zip(labels, mean.probabilities, strict=True) if label in shown}
    label, probability = leading(among, among.values())
    return VideoSample(
        video_id=video_id,
        second=mean.second,
        face=mean.face,
        label=label,
        confidence=probability / (sum(among.values()) or 1.0),
        n=mean.n,
        probabilities=list(mean.probabilities),
    )

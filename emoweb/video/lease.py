"""Who works on a film: the lease in its row. Every change of state is one conditional UPDATE.

    uploading -> waiting -> running -> done | failed
                   ^  |        |
                   |  v        v
                  paused <-----+          cancelled from any state before done

A worker that finds its row changed (paused, cancelled, taken over, deleted) has lost it and stops.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from emoweb.live.averages import SecondMean
from emoweb.video.models import Film, FilmSample
from recognition import LABEL_SETS

# A worker beats each second or two; one unheard of for so long is dead, and its film goes to another.
LEASE: Final = timedelta(seconds=20)
State = Film.State


class LeaseLost(Exception):
    """The film is no longer this worker's."""


class Lease:
    """One worker's hold on one film."""

    def __init__(self, film_id: UUID, worker: str) -> None:
        """Taken by `take`."""
        self.film_id = film_id
        self._mine = Film.objects.filter(pk=film_id, worker=worker, state=State.RUNNING)

    @classmethod
    def take(cls, film_id: UUID) -> Lease | None:
        """Take a waiting film; None where it does not wait (any more)."""
        worker, now = uuid.uuid4().hex, timezone.now()
        taken = Film.objects.filter(pk=film_id, state=State.WAITING).update(
            state=State.RUNNING, worker=worker, heartbeat=now, run_began=now
        )
        return cls(film_id, worker) if taken else None

    def beat(self, position_s: float) -> None:
        """Say that the work goes on, and how far it is; raises LeaseLost."""
        self._change(position_s=position_s)

    def begin(self, from_s: float, duration_s: float) -> None:
        """Say where this run starts, once the models are loaded; raises LeaseLost."""
        self._change(run_began=timezone.now(), run_from_s=from_s, position_s=from_s, duration_s=duration_s)

    def save(
        self, saved_s: float, checkpoint: dict[str, Any], frames: int, means: Sequence[SecondMean]
    ) -> None:
        """Write what was measured and where to go on, both or neither; raises LeaseLost."""
        with transaction.atomic():
            self._change(saved_s=saved_s, position_s=saved_s, checkpoint=checkpoint, frames=frames)
            labels, label_set = Film.objects.values_list("labels", "label_set").get(pk=self.film_id)
            shown = LABEL_SETS.get(label_set, labels)
            rows = [_sample(self.film_id, labels, shown, mean) for mean in means]
            FilmSample.objects.bulk_create(rows, batch_size=500)

    def finish(self, duration_s: float, cut_short: bool) -> None:
        """Say that the film is done; raises LeaseLost."""
        self._change(
            state=State.DONE, duration_s=duration_s, position_s=duration_s, cut_short=cut_short, worker=""
        )

    def fail(self, code: str) -> None:
        """Say that it cannot be analysed; raises LeaseLost."""
        self._change(state=State.FAILED, code=code, worker="")

    def _change(self, **fields: Any) -> None:
        if not self._mine.update(heartbeat=timezone.now(), **fields):
            raise LeaseLost


def _sample(film_id: UUID, labels: Sequence[str], shown: Sequence[str], mean: SecondMean) -> FilmSample:
    """Return the row of a mean: the label and its confidence among the labels that the visitor chose."""
    among = {label: p for label, p in zip(labels, mean.probabilities, strict=True) if label in shown}
    best = max(among, key=among.__getitem__)
    return FilmSample(
        film_id=film_id,
        second=mean.second,
        face=mean.face,
        label=best,
        confidence=among[best] / (sum(among.values()) or 1.0),
        n=mean.n,
        probabilities=list(mean.probabilities),
    )

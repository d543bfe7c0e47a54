"""Writes the changes of several sessions to the database in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from emoweb.measurements.averages import SecondMean
from emoweb.measurements.samples import leading
from emoweb.recordings.models import Sample, Session


@dataclass(frozen=True, slots=True)
class Opening:
    """A new session. `labels` is the model's full list: samples store all of it, a label set is a view."""

    session: UUID
    owner: str
    model: str
    label_set: str
    labels: tuple[str, ...]
    consent: str
    started: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The changes of one session since its last write; `opening` when its row is new too."""

    session: UUID
    opening: Opening | None
    label_set: str
    last_seen: datetime
    ended: datetime | None
    frames: int
    drops: dict[str, int]
    samples: tuple[SecondMean, ...]
    written: tuple[Future[None], ...] = ()


def write(changes: Sequence[Change]) -> None:
    """Write all changes or none. A session whose row was deleted by its owner stays deleted."""
    with transaction.atomic():
        _create([change.opening for change in changes if change.opening])
        rows = Session.objects.in_bulk({change.session for change in changes})
        alive = [change for change in changes if change.session in rows]
        for change in alive:
            _apply(rows[change.session], change)
        for row in rows.values():
            _save(row)
        samples = [_sample(rows[change.session], mean) for change in alive for mean in change.samples]
        # A second that a restart split in two keeps its first part.
        Sample.objects.bulk_create(samples, batch_size=500, ignore_conflicts=True)


def _create(openings: Sequence[Opening]) -> None:
    rows = [
        Session(
            id=opening.session,
            owner=opening.owner,
            model=opening.model,
            label_set=opening.label_set,
            labels=list(opening.labels),
            consent=opening.consent,
            started=opening.started,
            last_seen=opening.started,
        )
        for opening in openings
    ]
    Session.objects.bulk_create(rows, ignore_conflicts=True)


def _apply(row: Session, change: Change) -> None:
    row.label_set = change.label_set
    row.last_seen = max(row.last_seen, change.last_seen)
    # None reopens what was closed as abandoned while the database was out of reach.
    row.ended = change.ended
    row.frames += change.frames
    row.drops = dict(Counter(row.drops) + Counter(change.drops))


def _save(row: Session) -> None:
    # Not save(): the visitor may be changing the title at the same time.
    Session.objects.filter(pk=row.pk).update(
        label_set=row.label_set,
        last_seen=row.last_seen,
        ended=row.ended,
        frames=row.frames,
        drops=row.drops,
    )


def _sample(row: Session, mean: SecondMean) -> Sample:
    label, confidence = leading(row.labels, mean.probabilities)
    return Sample(
        session=row,
        second=mean.second,
        face=mean.face,
        label=label,
        confidence=confidence,
        n=mean.n,
        probabilities=list(mean.probabilities),
    )

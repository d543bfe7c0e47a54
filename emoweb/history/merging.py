"""Merges two face ids of the same person into one face, and separates them again.

The original measurements are saved before they are changed. A group of merged faces is always rebuilt from
the originals, so merges can be undone in any order without rounding errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from emoweb.measurements.samples import Measurement, leading
from emoweb.recordings.models import FaceMerge, OriginalSample, Sample, Session

ROWS_A_WRITE = 500
Row = TypeVar("Row", OriginalSample, Sample)


class MergeRefused(Exception):
    """The faces stay as they are.

    SessionRunning   wait for the session's end: new ids are still assigned
    FaceNotShown     no such face here, or it went into another one already
    SameFace         a face cannot go into itself
    NotMerged        there is no such merge to undo
    """


class SessionRunning(MergeRefused):
    """The session is still being recorded."""


class FaceNotShown(MergeRefused):
    """One of the faces does not exist, or is merged into another one."""


class SameFace(MergeRefused):
    """Both faces are the same one."""


class NotMerged(MergeRefused):
    """The face did not go into another one."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Faces that are one person; the id they go by is `shown`."""

    shown: int
    others: frozenset[int] = frozenset()

    @property
    def faces(self) -> frozenset[int]:
        """All of their ids."""
        return self.others | {self.shown}


@transaction.atomic
def merge_faces(session: Session, face: int, into: int) -> None:
    """Merge the face `face` into `into`; raise MergeRefused where that is not possible."""
    _lock(session)
    if session.running:
        raise SessionRunning
    if face == into:
        raise SameFace
    if not {face, into} <= mergeable_faces(session):
        raise FaceNotShown
    for shown in (face, into):
        _set_aside(session, _group_of(session, shown))
    FaceMerge.objects.create(session=session, face=face, into=into)
    _show(session, _group_of(session, into))


@transaction.atomic
def part_faces(session: Session, face: int) -> None:
    """Undo the merge of `face` and earlier merges into it; raise NotMerged without one."""
    _lock(session)
    merge = session.merges.filter(face=face).first()
    if merge is None:
        raise NotMerged
    _set_aside(session, _group_of(session, face))
    shown = _group_of(session, face).shown
    merge.delete()
    for part in (face, shown):
        _show(session, _group_of(session, part))


def mergeable_faces(session: Session) -> set[int]:
    """Return the ids that are shown and can go into one another."""
    merged = session.merges.values("face")
    return set(session.samples.order_by().exclude(face__in=merged).values_list("face", flat=True).distinct())


def _lock(session: Session) -> None:
    # Two requests for one session must not both read before either writes.
    Session.objects.select_for_update().filter(pk=session.pk).first()


def _group_of(session: Session, face: int) -> _Group:
    into_of = dict(session.merges.values_list("face", "into"))
    shown = _shown_id(face, into_of)
    return _Group(shown, frozenset(other for other in into_of if _shown_id(other, into_of) == shown))


def _shown_id(face: int, into_of: dict[int, int]) -> int:
    while face in into_of:
        face = into_of[face]
    return face


def _set_aside(session: Session, group: _Group) -> None:
    """Store the originals that are not stored yet: all of a face, or seconds that a recorder wrote late."""
    kept = session.originals.filter(face__in=group.faces)
    new = session.samples.filter(
        Q(face__in=group.others) | (Q(face=group.shown) & ~Q(second__in=kept.values("second")))
    )
    # Late seconds are written after the merge, because the database was unreachable before it.
    for rows in _batches(OriginalSample(session=session, **_fields(sample)) for sample in list(new)):
        OriginalSample.objects.bulk_create(rows, ignore_conflicts=True)


def _show(session: Session, group: _Group) -> None:
    """Compute the group's samples from the originals; a face that is separate again needs them no longer."""
    session.samples.filter(face__in=group.faces).delete()
    originals = session.originals.filter(face__in=group.faces)
    for rows in _batches(_joint_samples(session, group.shown, originals)):
        Sample.objects.bulk_create(rows)
    if not group.others:
        originals.delete()


def _joint_samples(session: Session, face: int, originals: QuerySet[OriginalSample]) -> Iterator[Sample]:
    rows = list(originals.order_by("second", "face"))
    for _second, same_second in groupby(rows, key=lambda row: row.second):
        yield Sample(session=session, **{**_fields(mean_of(list(same_second), session.labels)), "face": face})


def mean_of(samples: Sequence[Measurement], labels: Sequence[str]) -> Measurement:
    """Combine one second's samples into one, weighted by the number of results (`n`)."""
    if len(samples) == 1:
        return samples[0]
    n = sum(sample.n for sample in samples)
    columns = zip(*(sample.probabilities for sample in samples), strict=True)
    weights = [sample.n for sample in samples]
    means = [sum(p * weight for p, weight in zip(column, weights, strict=True)) / n for column in columns]
    label, confidence = leading(labels, means)
    return OriginalSample(
        second=samples[0].second,
        face=samples[0].face,
        label=label,
        confidence=confidence,
        n=n,
        probabilities=means,
    )


def _fields(sample: Measurement) -> dict[str, Any]:
    return {field.name: getattr(sample, field.name) for field in Measurement._meta.local_fields}


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, ROWS_A_WRITE)):
        yield batch

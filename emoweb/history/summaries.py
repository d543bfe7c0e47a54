"""How long each expression was dominant in a session: per face and over all faces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from emoweb.history.label_views import samples_in_view
from emoweb.measurements.tallies import NOTHING, Share, Tally, shares_of, split_short, total_of
from emoweb.recordings.models import Session


@dataclass(frozen=True, slots=True)
class FaceSummary:
    """What one face showed; `first` and `last` are seconds from the session's start.

    `uncertain` is the fraction of its seconds in which the model's confidence was below the threshold.
    """

    face: int
    first: int
    last: int
    seconds: int
    confidence: float
    uncertain: float
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The results of all faces combined, the faces ordered by number; empty without samples.

    `seconds` counts each face's seconds, so two faces for a minute are 120.
    """

    faces: tuple[FaceSummary, ...] = ()
    shares: tuple[Share, ...] = ()
    seconds: int = 0
    confidence: float = 0.0
    uncertain: float = 0.0
    last: int = 0

    @property
    def long(self) -> tuple[FaceSummary, ...]:
        """The faces without the short appearances."""
        return split_short(self.faces)[0]

    @property
    def short(self) -> tuple[FaceSummary, ...]:
        """The short appearances."""
        return split_short(self.faces)[1]


class _Row(NamedTuple):
    session: UUID
    face: int
    label: str
    tally: Tally
    first: int
    last: int


def summaries(sessions: Iterable[Session]) -> dict[UUID, SessionSummary]:
    """Return every session's summary by its id; one query, however many sessions and samples."""
    sessions = list(sessions)
    rows_of: dict[UUID, list[_Row]] = {session.pk: [] for session in sessions}
    for row in _rows(sessions):
        rows_of[row.session].append(row)
    return {session: _session_summary(rows) for session, rows in rows_of.items()}


def _rows(sessions: list[Session]) -> list[_Row]:
    rows = (
        samples_in_view(sessions)
        .values_list("session_id", "face", "shown")
        .annotate(Count("pk"), Sum("sure"), Sum("unsure"), Min("second"), Max("second"))
    )
    return [
        _Row(session, face, label, Tally(seconds, confidence_sum, unsure), first, last)
        for session, face, label, seconds, confidence_sum, unsure, first, last in rows
    ]


def _session_summary(rows: list[_Row]) -> SessionSummary:
    if not rows:
        return SessionSummary()
    rows_of: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        rows_of[row.face].append(row)
    faces = [_face_summary(face, face_rows) for face, face_rows in rows_of.items()]
    whole = total_of(row.tally for row in rows)
    return SessionSummary(
        faces=tuple(sorted(faces, key=lambda face: face.face)),
        shares=shares_of(_by_label(rows)),
        seconds=whole.seconds,
        confidence=whole.confidence,
        uncertain=whole.uncertain,
        last=max(row.last for row in rows),
    )


def _face_summary(face: int, rows: list[_Row]) -> FaceSummary:
    whole = total_of(row.tally for row in rows)
    return FaceSummary(
        face=face,
        first=min(row.first for row in rows),
        last=max(row.last for row in rows),
        seconds=whole.seconds,
        confidence=whole.confidence,
        uncertain=whole.uncertain,
        shares=shares_of(_by_label(rows)),
    )


def _by_label(rows: list[_Row]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for row in rows:
        tallies[row.label] = tallies.get(row.label, NOTHING).plus(row.tally)
    return tallies

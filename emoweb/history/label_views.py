"""Which of a model's labels a session shows: samples store all of them, a label set is a view.

A session with five expressions must not show the two excluded ones, so the label and the
confidence of its samples are recomputed among the five, in the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Case, Expression, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce, Greatest, NullIf
from django.db.models.lookups import GreaterThanOrEqual

from emoweb.history.subjects import unknown_label
from emoweb.recordings.models import Sample, Session
from emoweb.served_cards import threshold_of
from recognition import LABEL_SETS

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class InView(TypedDict):
    """What `samples_in_view` adds to a sample."""

    shown: str
    sure: float
    unsure: int


def shown_labels(session: Session) -> list[str]:
    """Return the labels of the session's label set.

    For an unknown label set, or one that does not fit the model, all of the model's labels are used.
    """
    labels = LABEL_SETS.get(session.label_set, ())
    return list(labels) if labels and set(labels) <= set(session.labels) else list(session.labels)


def positions_of(labels: Sequence[str], session: Session) -> list[int]:
    """Return the index of each label in the probabilities of the session's samples."""
    return [session.labels.index(label) for label in labels]


def probability(position: int) -> Expression:
    """Return the database's expression for one of a sample's probabilities."""
    return Cast(KeyTransform(str(position), "probabilities"), FloatField())


def samples_in_view(sessions: Iterable[Session]) -> QuerySet[WithAnnotations[Sample, InView]]:
    """Return the sessions' samples as their label sets show them.

    Each has `shown` and `sure`, its label and confidence in that set, and `unsure`: 1 where the model would
    have called the result uncertain, else 0. An uncertain result for a complete frame is shown as unknown,
    "no sign": among ten signs there is always one that resembles a wall most.
    """
    sessions = list(sessions)
    views = _narrow_views(sessions)
    labels = [when for view, ids in views.items() for when in _label_cases(view, ids)]
    confidences = [When(session__in=ids, then=_confidence(view)) for view, ids in views.items()]
    return (
        Sample.objects.filter(session__in=[session.pk for session in sessions])
        .order_by()
        .annotate(
            named=Case(*labels, default=F("label")),
            sure=Case(*confidences, default=F("confidence"), output_field=FloatField()),
        )
        .annotate(unsure=Case(*_unsure_cases(sessions), default=Value(0), output_field=IntegerField()))
        .annotate(shown=Case(*_unknown_cases(sessions), default=F("named")))
    )


# A view as (label, index) pairs, for sessions whose set excludes some of the model's labels.
_View = tuple[tuple[str, int], ...]


def _narrow_views(sessions: Iterable[Session]) -> dict[_View, list[UUID]]:
    ids_of: dict[_View, list[UUID]] = defaultdict(list)
    for session in sessions:
        labels = shown_labels(session)
        if len(labels) < len(session.labels):
            view = tuple(zip(labels, positions_of(labels, session), strict=True))
            ids_of[view].append(session.pk)
    return ids_of


def _unsure_cases(sessions: Iterable[Session]) -> list[When]:
    ids_of: dict[float, list[UUID]] = defaultdict(list)
    for session in sessions:
        ids_of[threshold_of(session.model, session.labels)].append(session.pk)
    return [When(Q(session__in=ids, sure__lt=threshold), then=Value(1)) for threshold, ids in ids_of.items()]


def _unknown_cases(sessions: Iterable[Session]) -> list[When]:
    ids_of: dict[str, list[UUID]] = defaultdict(list)
    for session in sessions:
        if (label := unknown_label(session)) is not None:
            ids_of[label].append(session.pk)
    return [When(Q(session__in=ids, unsure=1), then=Value(label)) for label, ids in ids_of.items()]


def _label_cases(view: _View, ids: list[UUID]) -> list[When]:
    labels = [label for label, _ in view]
    left_out = Q(session__in=ids) & ~Q(label__in=labels)
    return [
        When(left_out & Q(GreaterThanOrEqual(probability(position), _highest(view))), then=Value(label))
        for label, position in view
    ]


def _confidence(view: _View) -> Expression:
    total = reduce(add, (probability(position) for _, position in view))
    return Coalesce(_highest(view) / NullIf(total, Value(0.0)), Value(0.0))


def _highest(view: _View) -> Expression:
    return Greatest(*(probability(position) for _, position in view))

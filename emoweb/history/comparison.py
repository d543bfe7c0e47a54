"""The data that two compared sessions share: the time axis, and a row for each expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emoweb.history.summaries import SessionSummary
from emoweb.history.timelines import Span


@dataclass(frozen=True, slots=True)
class ComparedShare:
    """One expression's share in both sessions, None where a session's label set does not have it."""

    label: str
    a: float | None
    b: float | None

    @property
    def difference(self) -> float | None:
        """The difference of the second session to the first, in percentage points; None where unknown."""
        return None if self.a is None or self.b is None else 100 * (self.b - self.a)


def common_span(a: SessionSummary, b: SessionSummary) -> Span:
    """Return the seconds of the longer one, so that both are drawn on the same axes."""
    return Span(0, max(a.last, b.last) + 1)


def compared_shares(
    a: SessionSummary, b: SessionSummary, labels_a: Sequence[str], labels_b: Sequence[str]
) -> list[ComparedShare]:
    """Return a row for each label of either session, ordered by the total time in both.

    Labels that occur in neither are omitted.
    """
    fraction_a = {share.label: share.fraction for share in a.shares}
    fraction_b = {share.label: share.fraction for share in b.shares}
    rows = [
        ComparedShare(
            label,
            fraction_a.get(label, 0.0) if label in labels_a else None,
            fraction_b.get(label, 0.0) if label in labels_b else None,
        )
        for label in dict.fromkeys([*labels_a, *labels_b])
        if label in fraction_a or label in fraction_b
    ]
    return sorted(rows, key=lambda row: (-(row.a or 0.0) - (row.b or 0.0), row.label))

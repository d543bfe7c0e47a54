"""One sample: the mean of a face's results within one second, as a row, as JSON fields, and as a CSV row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db import models

CSV_COLUMNS = ("second", "face", "label", "confidence", "n")


def leading(labels: Iterable[str], probabilities: Iterable[float]) -> tuple[str, float]:
    """Return the label of the highest probability, the first of equal ones, with that probability."""
    # Not strict: a model that was replaced may have other labels than a session that it continues.
    return max(zip(labels, probabilities, strict=False), key=itemgetter(1))


def sample_row(sample: Any, below: float) -> list[Any]:
    """Return a CSV row of a session's or video's sample: CSV_COLUMNS, its probabilities, `uncertain`."""
    values = [getattr(sample, column) for column in CSV_COLUMNS]
    return [*values, *sample.probabilities, str(sample.confidence < below).lower()]


def sample_fields(sample: Any, labels: Sequence[str], below: float) -> dict[str, Any]:
    """Return a session's or video's sample as JSON fields; it is uncertain below the confidence `below`."""
    return {
        "second": sample.second,
        "face": sample.face,
        "label": sample.label,
        "confidence": sample.confidence,
        "n": sample.n,
        "probabilities": dict(zip(labels, sample.probabilities, strict=False)),
        "uncertain": sample.confidence < below,
    }


class Measurement(models.Model):
    """The mean of one face's results within one second."""

    second = models.PositiveIntegerField()
    face = models.PositiveIntegerField()
    label = models.CharField(max_length=32)
    confidence = models.FloatField()
    n = models.PositiveIntegerField()
    probabilities = models.JSONField()

    class Meta:
        """Not a table of its own."""

        abstract = True
        ordering = ["second", "face"]

    def __str__(self) -> str:
        """Return the label and the time."""
        return f"second {self.second}, face {self.face}: {self.label}"

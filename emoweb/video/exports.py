"""A film's samples as CSV and JSON, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from emoweb import spreadsheets
from emoweb.history.uncertainty import threshold_of
from emoweb.video.models import Film
from emoweb.video.results import summary_fields

CSV_COLUMNS = ("second", "face", "label", "confidence", "n")
ROWS_A_CHUNK = 500


def csv_text(film: Film) -> str:
    """Return the samples as CSV with a header line; after the fixed columns one column a label.

    The last column says whether the confidence is below the model's threshold.
    """
    below = threshold_of(film.model, film.labels)
    rows = (
        [
            sample.second,
            sample.face,
            sample.label,
            sample.confidence,
            sample.n,
            *sample.probabilities,
            str(sample.confidence < below).lower(),
        ]
        for sample in _samples(film)
    )
    return spreadsheets.csv_text([[*CSV_COLUMNS, *film.labels, "uncertain"], *rows])


def json_text(film: Film) -> str:
    """Return `{film: {...}, samples: [...]}`; the samples are a session's, and say if uncertain."""
    below = threshold_of(film.model, film.labels)
    samples = [
        {
            "second": sample.second,
            "face": sample.face,
            "label": sample.label,
            "confidence": sample.confidence,
            "n": sample.n,
            "probabilities": dict(zip(film.labels, sample.probabilities, strict=True)),
            "uncertain": sample.confidence < below,
        }
        for sample in _samples(film)
    ]
    return json.dumps({"film": summary_fields(film), "samples": samples}, ensure_ascii=False, allow_nan=False)


def _samples(film: Film) -> Iterator[Any]:
    return film.samples.order_by("second", "face").iterator(chunk_size=ROWS_A_CHUNK)

"""A film's samples as CSV and JSON, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from emoweb import spreadsheets
from emoweb.video.models import Film
from emoweb.video.results import summary_fields

CSV_COLUMNS = ("second", "face", "label", "confidence", "n")
ROWS_A_CHUNK = 500


def csv_text(film: Film) -> str:
    """Return the samples as CSV with a header line; after the fixed columns one column a label."""
    rows = (
        [sample.second, sample.face, sample.label, sample.confidence, sample.n, *sample.probabilities]
        for sample in _samples(film)
    )
    return spreadsheets.csv_text([[*CSV_COLUMNS, *film.labels], *rows])


def json_text(film: Film) -> str:
    """Return `{film: {...}, samples: [...]}`; the samples are those of a session's export."""
    samples = [
        {
            "second": sample.second,
            "face": sample.face,
            "label": sample.label,
            "confidence": sample.confidence,
            "n": sample.n,
            "probabilities": dict(zip(film.labels, sample.probabilities, strict=True)),
        }
        for sample in _samples(film)
    ]
    return json.dumps({"film": summary_fields(film), "samples": samples}, ensure_ascii=False, allow_nan=False)


def _samples(film: Film) -> Iterator[Any]:
    return film.samples.order_by("second", "face").iterator(chunk_size=ROWS_A_CHUNK)

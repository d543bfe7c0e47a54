"""A video's samples as CSV and JSON, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from emoweb import spreadsheets
from emoweb.measurements.samples import CSV_COLUMNS, sample_fields, sample_row
from emoweb.served_cards import threshold_of
from emoweb.video.models import Video
from emoweb.video.results import summary_fields

ROWS_A_CHUNK = 500


def csv_text(video: Video) -> str:
    """Return the samples as CSV with a header line; after the fixed columns one column a label.

    The last column is whether the confidence is below the model's threshold.
    """
    below = threshold_of(video.model, video.labels)
    rows = (sample_row(sample, below) for sample in _samples(video))
    return spreadsheets.csv_text([[*CSV_COLUMNS, *video.labels, "uncertain"], *rows])


def json_text(video: Video) -> str:
    """Return `{film: {...}, samples: [...]}`; the samples have the fields of a session's."""
    below = threshold_of(video.model, video.labels)
    samples = [sample_fields(sample, video.labels, below) for sample in _samples(video)]
    return json.dumps(
        {"film": summary_fields(video), "samples": samples}, ensure_ascii=False, allow_nan=False
    )


def _samples(video: Video) -> Iterator[Any]:
    return video.samples.order_by("second", "face").iterator(chunk_size=ROWS_A_CHUNK)

"""A session as a file: CSV and JSON, generated row by row so that long sessions need little memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from emoweb.measurements.samples import CSV_COLUMNS, sample_fields, sample_row
from emoweb.recordings.models import Sample, Session
from emoweb.served_cards import threshold_of
from emoweb.spreadsheets import csv_text

ROWS_A_CHUNK = 500


async def csv_chunks(session: Session) -> AsyncIterator[str]:
    """Generate the samples as CSV: a header line; fixed columns, one column per label, then `uncertain`."""
    below = threshold_of(session.model, session.labels)
    yield csv_text([[*CSV_COLUMNS, *session.labels, "uncertain"]])
    async for samples in _chunks_of_samples(session):
        yield csv_text(sample_row(sample, below) for sample in samples)


async def json_chunks(session: Session) -> AsyncIterator[str]:
    """Generate `{session: {...}, samples: [...]}` as one JSON object.

    The owner's changes follow where there are any: `markers`, and `merges`,
    which maps to the samples' earlier face ids.
    """
    yield f'{{"session":{_json(session_fields(session))},"samples":['
    below, joint = threshold_of(session.model, session.labels), ""
    async for samples in _chunks_of_samples(session):
        yield joint + ",".join(_json(sample_fields(sample, session.labels, below)) for sample in samples)
        joint = ","
    yield "]"
    for name, entries in (await _owners_lists(session)).items():
        yield f',"{name}":[{",".join(map(_json, entries))}]'
    yield "}\n"


def session_fields(session: Session) -> dict[str, Any]:
    """Return an export's fields of the session itself."""
    return {
        "id": str(session.pk),
        "title": session.title,
        "started": _iso_utc(session.started),
        "ended": _iso_utc(session.ended) if session.ended else None,
        "model": session.model,
        "label_set": session.label_set,
        "labels": session.labels,
        "frames": session.frames,
        "drops": session.drops,
    }


async def _owners_lists(session: Session) -> dict[str, list[dict[str, Any]]]:
    lists: dict[str, list[dict[str, Any]]] = {
        "markers": [{"second": marker.second, "note": marker.note} async for marker in session.markers.all()],
        "merges": [{"face": merge.face, "into": merge.into} async for merge in session.merges.all()],
    }
    return {name: entries for name, entries in lists.items() if entries}


async def _chunks_of_samples(session: Session) -> AsyncIterator[list[Sample]]:
    samples: list[Sample] = []
    async for sample in session.samples.order_by("second", "face").aiterator(chunk_size=ROWS_A_CHUNK):
        samples.append(sample)
        if len(samples) == ROWS_A_CHUNK:
            yield samples
            samples = []
    if samples:
        yield samples


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _iso_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

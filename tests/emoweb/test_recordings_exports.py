"""Exports hold every sample exactly, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoweb.recordings.exports import ROWS_A_CHUNK
from emoweb.recordings.models import Sample, Session
from tests.emoweb.recorded import FER7, Visitor, add_samples

pytestmark = pytest.mark.django_db(transaction=True)


def exported(visitor: Visitor, session: Session, kind: str) -> tuple[Any, str]:
    """Return the response and the text of an export."""
    result: tuple[Any, str] = async_to_sync(visitor.read)(f"{session.get_absolute_url()}export.{kind}")
    return result


def test_the_json_names_the_session_and_its_samples(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"], title="Chiều nay")
    response, text = exported(alice, session, "json")
    assert response["Content-Type"] == "application/json"
    assert json.loads(text) == {
        "session": {
            "id": str(session.pk),
            "title": "Chiều nay",
            "started": "2026-11-24T12:00:00Z",
            "ended": "2026-11-24T12:00:02Z",
            "model": "se_resnet",
            "label_set": "fer7",
            "labels": FER7,
            "frames": 40,
            "drops": {"superseded": 2},
        },
        "samples": [
            {
                "second": second,
                "face": 1,
                "label": label,
                "confidence": 0.64,
                "n": 20,
                "probabilities": {name: 0.64 if name == label else 0.06 for name in FER7},
                "uncertain": False,
            }
            for second, label in enumerate(["happy", "sad"])
        ],
    }


def test_the_csv_has_the_same_rows_with_a_column_for_each_label(alice: Visitor) -> None:
    session = alice.record(["happy"])
    response, text = exported(alice, session, "csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["second", "face", "label", "confidence", "n", *FER7, "uncertain"],
        ["0", "1", "happy", "0.64", "20", "0.06", "0.06", "0.06", "0.64", "0.06", "0.06", "0.06", "false"],
    ]


def test_a_label_set_leaves_no_label_out_of_an_export(alice: Visitor) -> None:
    session = alice.record(["disgust"], label_set="fer5")
    document = json.loads(exported(alice, session, "json")[1])
    assert document["session"]["label_set"] == "fer5"
    assert list(document["samples"][0]["probabilities"]) == FER7


def test_a_label_of_a_model_is_no_formula_in_the_csv(alice: Visitor) -> None:
    session = alice.record(["=1+1"], labels=["=1+1", "-0.5"], label_set="own", model="own")
    head, row = csv.reader(io.StringIO(exported(alice, session, "csv")[1]))
    assert head[-3:] == ["'=1+1", "-0.5", "uncertain"]
    assert row == ["0", "1", "'=1+1", "0.64", "20", "0.64", "0.06", "false"]


@pytest.mark.parametrize("seconds", [0, 1, ROWS_A_CHUNK, ROWS_A_CHUNK + 1, 2 * ROWS_A_CHUNK])
def test_no_row_is_lost_between_two_chunks(alice: Visitor, seconds: int) -> None:
    session = alice.record(["happy"] * seconds)
    samples = json.loads(exported(alice, session, "json")[1])["samples"]
    rows = list(csv.DictReader(io.StringIO(exported(alice, session, "csv")[1])))
    assert [sample["second"] for sample in samples] == list(range(seconds))
    assert [int(row["second"]) for row in rows] == list(range(seconds))


def test_rows_come_in_order_of_time_then_face(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"], face=2)
    add_samples(session, ["sad", "happy"], face=1)
    samples = json.loads(exported(alice, session, "json")[1])["samples"]
    assert [(sample["second"], sample["face"]) for sample in samples] == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_a_running_session_has_no_end(alice: Visitor) -> None:
    session = alice.record(ended=None)
    assert json.loads(exported(alice, session, "json")[1])["session"]["ended"] is None


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_is_a_download_that_no_cache_keeps(alice: Visitor, kind: str) -> None:
    session = alice.record(title='Lan "and" Minh\r\nX: y')
    response, _ = exported(alice, session, kind)
    assert response.streaming
    name = f"expressions-2026-11-24-{session.pk.hex[:8]}.{kind}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_another_visitor_cannot_export_a_session(alice: Visitor, bob: Visitor, kind: str) -> None:
    response, _ = exported(bob, alice.record(), kind)
    assert response.status_code == 404


def test_a_second_below_the_models_threshold_is_uncertain_in_both_exports(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"])
    Sample.objects.filter(session=session, second=1).update(confidence=0.3)
    samples = json.loads(exported(alice, session, "json")[1])["samples"]
    rows = list(csv.DictReader(io.StringIO(exported(alice, session, "csv")[1])))
    assert [sample["uncertain"] for sample in samples] == [False, True]
    assert [row["uncertain"] for row in rows] == ["false", "true"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(probabilities=st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_both_exports_give_back_every_number_exactly(alice: Visitor, probabilities: list[float]) -> None:
    session = alice.record(["happy"])
    Sample.objects.filter(session=session).update(probabilities=probabilities)
    sample = json.loads(exported(alice, session, "json")[1])["samples"][0]
    row = next(csv.DictReader(io.StringIO(exported(alice, session, "csv")[1])))
    assert list(sample["probabilities"].values()) == probabilities
    assert [float(row[name]) for name in FER7] == probabilities
    assert not any(math.isnan(float(row[name])) for name in FER7)

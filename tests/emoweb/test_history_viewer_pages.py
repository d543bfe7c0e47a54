"""The viewer's forms, its finer steps, confidence, and two sessions side by side."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from emoweb.recordings.models import FaceMerge, Marker, Sample, Session
from emoweb.served_cards import threshold_of
from recognition.options import SmoothOptions
from tests.emoweb.recorded import Visitor, add_samples
from tests.emoweb.test_history_pages import chart_data, text_of


def post(visitor: Visitor, session: Session, action: str, **fields: Any) -> Any:
    """Send a form of the session's page, and follow where it leads."""
    return visitor.browser.post(f"{session.get_absolute_url()}{action}", fields, follow=True)


@pytest.fixture
def session(alice: Visitor) -> Session:
    """Two faces for four seconds."""
    session = alice.record(["happy", "happy", "happy", "sad"], title="Rehearsal")
    add_samples(session, ["neutral"] * 4, face=2)
    return session


def test_the_page_says_in_words_what_was_seen(alice: Visitor, session: Session) -> None:
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert "2 faces in 4 s. Most frequent expression: Neutral (50%), then Happy (38%)." in page
    assert "Face 1 mostly showed Happy (75%). Face 2 mostly showed Neutral (100%)." in page
    assert "Average confidence 64%; uncertain 0% of the time." in page


def test_answers_below_the_models_threshold_are_uncertain(alice: Visitor, session: Session) -> None:
    session.samples.filter(face=1).update(confidence=0.3)
    page = text_of(alice.browser.get(session.get_absolute_url()))
    below = round(100 * threshold_of(session.model, session.labels))
    assert f"Uncertain 100% of the time (confidence below {below}%)" in page
    assert "Face 1 was mostly uncertain (100%)." in page
    assert "uncertain 50% of the time." in page
    assert "uncertain 50% of the time." in text_of(alice.browser.get("/history/"))


def test_mostly_uncertain_answers_come_with_a_warning(alice: Visitor) -> None:
    session = alice.record(["happy"] * 3)
    session.samples.filter(second__gt=0).update(confidence=0.3)
    assert "interpret them with care" in text_of(alice.browser.get(session.get_absolute_url()))


def test_a_model_without_a_threshold_has_that_of_the_live_page() -> None:
    assert threshold_of("retired", ()) == SmoothOptions().uncertain_below


def test_the_confidence_is_next_to_the_curve(alice: Visitor, session: Session) -> None:
    data = chart_data(alice.browser.get(session.get_absolute_url()))
    assert data["below"] == threshold_of(session.model, session.labels)
    assert data["faces"]["1"]["sure"] == [0.64] * 4


def test_a_part_of_a_long_session_comes_in_finer_steps(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"] * 600)
    address = f"{session.get_absolute_url()}timeline.json"
    whole = chart_data(alice.browser.get(session.get_absolute_url()))
    part = alice.browser.get(address, {"start": 100, "end": 110}).json()
    assert (whole["step"], part["step"]) == (5, 1)
    assert (part["start"], part["end"]) == (100, 110)
    assert part["faces"]["1"]["start"] == 100
    assert [row[3] for row in part["faces"]["1"]["rows"]] == [0.64, 0.06] * 5


def test_no_step_of_a_part_is_cut(alice: Visitor) -> None:
    session = alice.record(["happy"] * 1200)
    part = alice.browser.get(f"{session.get_absolute_url()}timeline.json", {"start": 3, "end": 301}).json()
    assert (part["step"], part["start"], part["end"]) == (5, 0, 305)


@pytest.mark.parametrize(
    "query", ["", "?start=5&end=5", "?start=-1&end=5", "?start=x&end=9", "?start=0&end=1e9"]
)
def test_a_part_that_is_none_is_refused(alice: Visitor, session: Session, query: str) -> None:
    response = alice.browser.get(f"{session.get_absolute_url()}timeline.json{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_parameter")


def test_a_part_beyond_the_end_is_the_last_second(alice: Visitor, session: Session) -> None:
    response = alice.browser.get(f"{session.get_absolute_url()}timeline.json", {"start": 99, "end": 120})
    assert response.status_code == 200


@pytest.mark.parametrize(("time", "second"), [("0:02", 2), ("3", 3), ("0:00:01", 1), (" 0:01 ", 1)])
def test_a_marker_is_added_with_its_note(alice: Visitor, session: Session, time: str, second: int) -> None:
    page = text_of(post(alice, session, "markers/", time=time, note="Lan <laughs>"))
    assert "Marker added." in page
    assert "Lan <laughs>" in page
    assert list(session.markers.values_list("second", "note")) == [(second, "Lan <laughs>")]


@pytest.mark.parametrize(
    ("time", "note"),
    [("soon", "x"), ("0:61", "x"), ("1:60:00", "x"), ("-1", "x"), ("0:05", "x"), ("0:01", ""), ("", "x"),
     ("0:01", "x" * 201), ("9" * 17, "x"), ("١", "x")],
)  # fmt: skip
def test_a_marker_that_cannot_be_is_explained(alice: Visitor, session: Session, time: str, note: str) -> None:
    response = post(alice, session, "markers/", time=time, note=note)
    assert response.status_code == 400
    assert 'id="new-marker-errors" role="alert"' in response.content.decode()
    assert not Marker.objects.exists()


def test_a_marker_is_changed_and_removed(alice: Visitor, session: Session) -> None:
    marker = session.markers.create(second=1, note="Before")
    assert "After" in text_of(post(alice, session, f"markers/{marker.pk}/", time="0:03", note="After"))
    marker.refresh_from_db()
    assert (marker.second, marker.note) == (3, "After")
    refused = post(alice, session, f"markers/{marker.pk}/", time="9:00", note="Later")
    assert refused.status_code == 400
    assert f'id="marker-{marker.pk}-errors"' in refused.content.decode()
    post(alice, session, f"markers/{marker.pk}/remove/")
    assert not Marker.objects.exists()


def test_a_session_takes_no_endless_markers(alice: Visitor, session: Session) -> None:
    Marker.objects.bulk_create(Marker(session=session, second=0, note="x") for _ in range(200))
    response = post(alice, session, "markers/", time="0:01", note="one more")
    assert "at most 200 markers" in text_of(response)


def test_a_marker_of_another_session_is_not_there(alice: Visitor, session: Session) -> None:
    marker = alice.record().markers.create(second=1, note="Elsewhere")
    for ending in [f"{marker.pk}/", f"{marker.pk}/remove/", f"{10**30}/"]:
        assert post(alice, session, f"markers/{ending}", time="0:01", note="x").status_code == 404
    assert Marker.objects.get().note == "Elsewhere"


def test_faces_are_merged_on_the_page_and_parted_again(alice: Visitor, session: Session) -> None:
    page = text_of(post(alice, session, "merge/", face=2, into=1))
    assert "Face 2 was merged into face 1." in page
    assert "1 face in 4 s." in page
    page = text_of(post(alice, session, "part/", face=2))
    assert "Face 2 is a separate face again." in page
    assert "2 faces in 4 s." in page


@pytest.mark.parametrize(
    ("action", "fields", "explanation"),
    [
        ("merge/", {"face": 1, "into": 1}, "Select two different faces."),
        ("merge/", {"face": 1, "into": 9}, "One of these faces is no longer in the session."),
        ("merge/", {"face": "x"}, "One of these faces is no longer in the session."),
        ("part/", {"face": 1}, "That face is not merged into another one."),
        ("part/", {}, "That face is not merged into another one."),
    ],
)
def test_a_merge_that_cannot_be_is_explained(
    alice: Visitor, session: Session, action: str, fields: dict[str, Any], explanation: str
) -> None:
    assert explanation in text_of(post(alice, session, action, **fields))
    assert not FaceMerge.objects.exists()


def test_a_running_session_offers_no_merge(alice: Visitor, session: Session) -> None:
    Session.objects.update(ended=None)
    assert "Faces can be merged after the session ends." in text_of(
        alice.browser.get(session.get_absolute_url())
    )
    assert "The session is still in progress." in text_of(post(alice, session, "merge/", face=2, into=1))


@pytest.mark.django_db(transaction=True)
def test_the_exports_follow_markers_and_merges(alice: Visitor) -> None:
    session = alice.record(["happy"])
    add_samples(session, ["sad"], face=2)
    read = async_to_sync(alice.read)
    plain = json.loads(read(f"{session.get_absolute_url()}export.json")[1])
    post(alice, session, "markers/", time="0:00", note="Bắt đầu")
    post(alice, session, "merge/", face=2, into=1)
    document = json.loads(read(f"{session.get_absolute_url()}export.json")[1])
    rows = read(f"{session.get_absolute_url()}export.csv")[1].splitlines()
    assert list(plain) == ["session", "samples"]
    assert list(document) == ["session", "samples", "markers", "merges"]
    assert document["session"] == plain["session"]
    assert document["markers"] == [{"second": 0, "note": "Bắt đầu"}]
    assert document["merges"] == [{"face": 2, "into": 1}]
    assert [(sample["face"], sample["n"]) for sample in document["samples"]] == [(1, 40)]
    assert len(rows) == 2


def test_two_sessions_are_shown_side_by_side_on_the_same_axes(alice: Visitor, session: Session) -> None:
    other = alice.record(["happy"] * 9, title="Premiere")
    response = alice.browser.get("/history/compare/", {"a": session.pk, "b": other.pk})
    page, data = text_of(response), chart_data(response)
    assert page.index("Rehearsal") < page.index("Premiere")
    assert "Happy 38% 100% +62" in page
    assert "Neutral 50% 0% -50" in page
    assert page.count("Confidence over time") == 2
    assert (data["step"], data["end"]) == (1, 9)
    assert [len(data["faces"][side]["rows"]) for side in "ab"] == [4, 9]
    assert data["faces"]["a"]["sure"] == [0.64] * 4


def test_a_label_that_one_session_cannot_name_is_said_to_be_so(alice: Visitor) -> None:
    a, b = alice.record(["disgust"]), alice.record(["happy"], label_set="fer5")
    page = text_of(alice.browser.get("/history/compare/", {"a": a.pk, "b": b.pk}))
    assert "Disgust 100% n/a –" in page


def test_sessions_without_faces_can_be_compared(alice: Visitor, session: Session) -> None:
    page = text_of(alice.browser.get("/history/compare/", {"a": session.pk, "b": alice.record([]).pk}))
    assert "No faces were detected in this session." in page


def test_two_sessions_are_chosen_in_the_list(alice: Visitor, session: Session) -> None:
    other = alice.record()
    listed = alice.browser.get("/history/").content.decode()
    assert re.findall(r'name="pick" value="(.*?)"', listed) == [
        str(pk) for pk in Session.objects.values_list("pk", flat=True)
    ]
    response = alice.browser.get("/history/compare/", {"pick": [session.pk, other.pk]})
    assert response["Location"] == f"/history/compare/?a={session.pk}&b={other.pk}"
    for picks in [[], [session.pk], [session.pk] * 3]:
        page = text_of(alice.browser.get("/history/compare/", {"pick": picks}, follow=True))
        assert "Select two sessions to compare." in page


def test_only_own_sessions_can_be_compared(alice: Visitor, bob: Visitor, session: Session) -> None:
    own = bob.record()
    for a, b in [
        (own.pk, session.pk),
        (session.pk, own.pk),
        (own.pk, uuid.uuid4()),
        (own.pk, "x"),
        (own.pk, ""),
    ]:
        response = bob.browser.get("/history/compare/", {"a": a, "b": b})
        assert response.status_code == 404
        assert "Rehearsal" not in response.content.decode()


def test_another_visitor_finds_no_part_of_the_viewer(alice: Visitor, bob: Visitor, session: Session) -> None:
    marker = session.markers.create(second=1, note="Secret")
    detail = bob.browser.get(f"{session.get_absolute_url()}timeline.json", {"start": 0, "end": 2})
    assert detail.status_code == 404
    for action in ["markers/", f"markers/{marker.pk}/", f"markers/{marker.pk}/remove/", "merge/", "part/"]:
        response = post(bob, session, action, time="0:01", note="Forged", face=2, into=1)
        assert response.status_code == 404
        assert alice.browser.get(f"{session.get_absolute_url()}{action}").status_code == 405
    assert Marker.objects.get().note == "Secret"
    assert Sample.objects.filter(face=2).exists()

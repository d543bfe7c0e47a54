"""The history's pages show a visitor's own sessions, and let them be renamed and deleted."""

from __future__ import annotations

import html
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from emoweb.recordings.models import Sample, Session
from tests.emoweb.recorded import Visitor, add_samples

ACTIONS = ["", "rename/", "delete/", "export.csv", "export.json"]


def text_of(response: Any) -> str:
    """Return a page's text as a reader sees it."""
    page = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(page))


def test_a_new_visitor_is_led_to_the_live_page(alice: Visitor) -> None:
    response = alice.browser.get("/history/")
    assert "No sessions yet" in text_of(response)
    assert '<a class="button" href="/">' in response.content.decode()


def test_the_list_names_length_faces_and_what_was_seen_most(alice: Visitor) -> None:
    session = alice.record(["happy", "happy", "happy", "sad"], title="Rehearsal")
    add_samples(session, ["happy"], face=2)
    page = text_of(alice.browser.get("/history/"))
    assert "Rehearsal" in page
    assert "0:04 · 1 face and 1 short appearance" in page
    assert "Happy 80%" in page
    assert "Sad 20%" in page


def test_the_list_draws_a_small_chart_of_each_expression(alice: Visitor) -> None:
    alice.record(["happy", "sad"])
    page = alice.browser.get("/history/").content.decode()
    assert '<path data-label="happy" d="M0 0h1v100h-1z"/>' in page
    assert '<path data-label="sad" d="M1 0h1v100h-1z"/>' in page


def test_the_list_comes_in_pages_newest_first(alice: Visitor) -> None:
    for days in range(14):
        alice.record(title=f"Day {days}", started=timezone.now() - timedelta(days=days))
    first = text_of(alice.browser.get("/history/"))
    second = text_of(alice.browser.get("/history/?page=2"))
    assert first.index("Day 0") < first.index("Day 11")
    assert "Day 12" not in first
    assert "Day 12" in second
    assert "Page 2 of 2" in second


@pytest.mark.parametrize("page", ["0", "-1", "99", "many", ""])
def test_a_page_that_is_not_there_is_the_nearest_one(alice: Visitor, page: str) -> None:
    alice.record(title="Rehearsal")
    assert "Rehearsal" in text_of(alice.browser.get("/history/", {"page": page}))


def test_a_session_without_faces_says_so(alice: Visitor) -> None:
    session = alice.record([])
    assert "No faces were detected in this session." in text_of(alice.browser.get("/history/"))
    assert "No faces detected" in text_of(alice.browser.get(session.get_absolute_url()))


def test_an_open_session_is_shown_as_running(alice: Visitor) -> None:
    session = alice.record(ended=None)
    assert "In progress" in text_of(alice.browser.get("/history/"))
    assert "In progress" in text_of(alice.browser.get(session.get_absolute_url()))


def test_the_session_page_shows_each_faces_shares_and_those_of_all(alice: Visitor) -> None:
    session = alice.record(["happy", "happy", "sad", "sad"])
    add_samples(session, ["sad"] * 4, face=2)
    page = text_of(alice.browser.get(session.get_absolute_url()))
    everybody, rest = page.split("Face 1 From")
    face_1, face_2 = rest.split("Face 2 From")
    assert "Sad 75%" in everybody
    assert "Happy 50%" in face_1
    assert "Sad 100%" in face_2
    assert "Average confidence 64%." in face_1


def test_the_session_page_has_the_timeline_as_a_table_too(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"])
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert "0:00–0:01 Happy 64%" in page
    assert "0:01–0:02 Sad 64%" in page


def chart_data(response: Any) -> dict[str, Any]:
    """Return what the page hands to its script."""
    found = re.search(
        r'<script id="timeline-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_chart_breaks_where_a_face_was_away(alice: Visitor) -> None:
    session = alice.record(["happy"])
    add_samples(session, ["sad"], face=1, first_second=2)
    curve = chart_data(alice.browser.get(session.get_absolute_url()))["faces"]["1"]
    assert curve["start"] == 0
    assert [row and row[3] for row in curve["rows"]] == [0.64, None, 0.06]


def test_a_session_of_five_expressions_shows_no_sixth(alice: Visitor) -> None:
    session = alice.record(["disgust", "happy"], label_set="fer5")
    best_of_five = [0.1, 0.5, 0.0, 0.0, 0.3, 0.0, 0.1]
    Sample.objects.filter(session=session, label="disgust").update(probabilities=best_of_five, confidence=0.5)
    response = alice.browser.get(session.get_absolute_url())
    assert "Disgust" not in text_of(response)
    assert "0:00–0:01 Sad 60%" in text_of(response)
    assert chart_data(response)["labels"] == ["angry", "happy", "sad", "surprise", "neutral"]
    assert chart_data(response)["faces"]["1"]["rows"][0] == [0.2, 0.0, 0.6, 0.0, 0.2]
    assert "Disgust" not in text_of(alice.browser.get("/history/"))


def test_a_label_set_of_another_time_shows_all_labels_of_the_model(alice: Visitor) -> None:
    session = alice.record(["yes", "no"], labels=["yes", "no"], label_set="retired")
    assert chart_data(alice.browser.get(session.get_absolute_url()))["labels"] == ["yes", "no"]


def test_faces_seen_for_a_moment_get_a_row_and_no_chart(alice: Visitor) -> None:
    session = alice.record(["happy"] * 200)
    add_samples(session, ["sad"], face=2)
    response = alice.browser.get(session.get_absolute_url())
    assert list(chart_data(response)["faces"]) == ["1"]
    assert "2 0:00–0:00 Sad 100% 0:01 64%" in text_of(response)


def test_hours_of_samples_make_a_chart_of_bounded_size(alice: Visitor) -> None:
    session = alice.record(["happy", "neutral", "sad"] * 4000)
    data = chart_data(alice.browser.get(session.get_absolute_url()))
    assert data["step"] == 60
    assert len(data["faces"]["1"]["rows"]) == 200


def queries_of(address: str, alice: Visitor, assert_num: DjangoAssertNumQueries, count: int) -> None:
    """Open a page and hold it to a number of queries."""
    with assert_num(count):
        assert alice.browser.get(address).status_code == 200


def test_the_list_asks_the_database_as_often_for_many_sessions_as_for_one(
    alice: Visitor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice.record()
    queries_of("/history/", alice, django_assert_num_queries, 4)
    for _ in range(9):
        add_samples(alice.record(["sad"] * 50), ["happy"] * 50, face=2)
    queries_of("/history/", alice, django_assert_num_queries, 4)


def test_a_session_asks_the_database_as_often_for_many_samples_as_for_few(
    alice: Visitor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = alice.record()
    queries_of(session.get_absolute_url(), alice, django_assert_num_queries, 6)
    for face in range(2, 7):
        add_samples(session, ["sad", "happy"] * 100, face)
    queries_of(session.get_absolute_url(), alice, django_assert_num_queries, 6)


def test_a_session_can_be_renamed(alice: Visitor) -> None:
    session = alice.record()
    response = alice.browser.post(
        f"{session.get_absolute_url()}rename/", {"title": "  Lan's rehearsal "}, follow=True
    )
    assert "Title saved." in text_of(response)
    session.refresh_from_db()
    assert session.title == "Lan's rehearsal"


def test_renaming_keeps_the_recorders_columns(alice: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    session = alice.record(ended=None)
    save = Session.save

    def save_after_the_recorder(self: Session, *args: Any, **options: Any) -> None:
        Session.objects.filter(pk=self.pk).update(frames=999)
        save(self, *args, **options)

    monkeypatch.setattr(Session, "save", save_after_the_recorder)
    alice.browser.post(f"{session.get_absolute_url()}rename/", {"title": "Rehearsal"})
    session.refresh_from_db()
    assert (session.frames, session.title) == (999, "Rehearsal")


def test_an_empty_title_goes_back_to_the_date(alice: Visitor) -> None:
    session = alice.record(title="Rehearsal")
    page = text_of(alice.browser.post(f"{session.get_absolute_url()}rename/", {"title": ""}, follow=True))
    assert "Rehearsal" not in page
    assert "2026" in page


@pytest.mark.parametrize("title", ["x" * 121, "a\x00b"])
def test_a_title_that_cannot_be_kept_is_explained(alice: Visitor, title: str) -> None:
    session = alice.record(title="Before")
    response = alice.browser.post(f"{session.get_absolute_url()}rename/", {"title": title})
    assert response.status_code == 400
    assert 'aria-describedby="title-errors"' in response.content.decode()
    session.refresh_from_db()
    assert session.title == "Before"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120))
def test_any_title_is_shown_as_it_was_written(alice: Visitor, title: str) -> None:
    session = alice.record()
    response = alice.browser.post(f"{session.get_absolute_url()}rename/", {"title": title}, follow=True)
    page = response.content.decode()
    shown = re.search(r'name="title" maxlength="120" autocomplete="off" value="(.*?)"', page)
    assert shown is not None
    assert html.unescape(shown[1]) == title.strip()
    assert page.count("<h1>") == 1


def test_a_title_is_never_read_as_html(alice: Visitor) -> None:
    session = alice.record(title="<script>alert(1)</script>")
    for address in ["/history/", session.get_absolute_url(), f"{session.get_absolute_url()}delete/"]:
        assert "<script>alert" not in alice.browser.get(address).content.decode()


def test_deleting_asks_first(alice: Visitor) -> None:
    session = alice.record(title="Rehearsal")
    assert "Delete this session?" in text_of(alice.browser.get(f"{session.get_absolute_url()}delete/"))
    assert Session.objects.count() == 1


def test_a_deleted_session_is_deleted_with_its_samples(alice: Visitor) -> None:
    session = alice.record()
    kept = alice.record()
    response = alice.browser.post(f"{session.get_absolute_url()}delete/", follow=True)
    assert "Session deleted." in text_of(response)
    assert alice.browser.get(session.get_absolute_url()).status_code == 404
    assert list(Session.objects.all()) == [kept]
    assert set(Sample.objects.values_list("session_id", flat=True)) == {kept.pk}


def test_deleting_all_data_asks_first_and_keeps_others(alice: Visitor, bob: Visitor) -> None:
    for _ in range(3):
        alice.record()
    kept = bob.record()
    assert "The server stores 3 sessions" in text_of(alice.browser.get("/history/delete/"))
    assert Session.objects.count() == 4
    response = alice.browser.post("/history/delete/", follow=True)
    assert "3 sessions deleted." in text_of(response)
    assert list(Session.objects.all()) == [kept]
    assert Sample.objects.count() == kept.samples.count()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_visitors_session_is_not_there(
    alice: Visitor, bob: Visitor, action: str, method: str
) -> None:
    session = alice.record(title="Secret")
    response = getattr(bob.browser, method)(f"{session.get_absolute_url()}{action}")
    assert response.status_code in {404, 405}
    assert "Secret" not in response.content.decode()
    session.refresh_from_db()
    assert session.title == "Secret"


@pytest.mark.parametrize("action", ["", "delete/", "export.csv", "export.json"])
def test_another_visitors_session_looks_like_one_that_never_was(
    alice: Visitor, bob: Visitor, action: str
) -> None:
    session = alice.record()
    theirs = bob.browser.get(f"/history/{session.pk}/{action}")
    nobodys = bob.browser.get(f"/history/{uuid.uuid4()}/{action}")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.context["request"].path != nobodys.context["request"].path
    assert text_of(theirs) == text_of(nobodys)


def test_another_visitors_list_is_empty(alice: Visitor, bob: Visitor) -> None:
    alice.record(title="Secret")
    assert "Secret" not in text_of(bob.browser.get("/history/"))


@pytest.mark.parametrize("action", ["rename/", "delete/"])
def test_a_form_without_its_token_changes_nothing(alice: Visitor, action: str) -> None:
    session = alice.record(title="Before")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = alice.browser.cookies
    response = careful.post(f"{session.get_absolute_url()}{action}", {"title": "Forged"})
    assert response.status_code == 403
    assert "Session expired" in text_of(response)
    session.refresh_from_db()
    assert session.title == "Before"


def test_pages_of_the_history_are_kept_by_no_cache(alice: Visitor) -> None:
    session = alice.record()
    for address in [
        "/history/",
        "/history/delete/",
        session.get_absolute_url(),
        f"{session.get_absolute_url()}delete/",
    ]:
        assert "no-store" in alice.browser.get(address)["Cache-Control"]

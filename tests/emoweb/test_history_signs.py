"""The history of a session of hand signs: its words, its shares, its exports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emoweb.recordings.models import Sample, Session
from emoweb.served_cards import threshold_of
from tests.emoweb.recorded import Visitor
from tests.emoweb.test_history_pages import text_of
from tests.emoweb.test_recordings_exports import exported

DIGITS = [str(digit) for digit in range(10)]


def add_signs(session: Session, signs: list[tuple[str, float]]) -> None:
    """Add a second of face 0 for each sign with its confidence."""
    Sample.objects.bulk_create(
        Sample(
            session=session,
            second=second,
            face=0,
            label=sign,
            confidence=sure,
            n=20,
            probabilities=[sure if name == sign else (1 - sure) / 9 for name in DIGITS],
        )
        for second, (sign, sure) in enumerate(signs)
    )


def signed(alice: Visitor, *signs: tuple[str, float], **fields: Any) -> Session:
    """Record signs, one a second."""
    fields = {"model": "hand_digits", "label_set": "hand_digits", "labels": DIGITS, **fields}
    session = alice.record([], **fields)
    add_signs(session, list(signs))
    return session


@pytest.fixture
def session(alice: Visitor) -> Session:
    """Five for two seconds, seven for one, and one second in which the model was not sure."""
    return signed(alice, ("5", 0.99), ("5", 0.98), ("7", 0.99), ("3", 0.5))


def test_the_page_mentions_signs_and_no_faces(alice: Visitor, session: Session) -> None:
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert "Most frequent result: 5 (50%), then 7 and No sign (25% each)." in page
    assert "Face" not in page
    assert "face" not in page.replace("surface", "")
    assert '<h2 id="face-0">Sign</h2>' in alice.browser.get(session.get_absolute_url()).content.decode()


def test_a_second_without_a_sure_answer_shows_no_sign(alice: Visitor, session: Session) -> None:
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert "No sign 25%" in page
    assert (
        f"Uncertain 25% of the time (confidence below {threshold_of(session.model, session.labels):.0%})"
        in page
    )


def test_an_unknown_result_has_no_confidence(alice: Visitor) -> None:
    session = signed(alice, ("5", 0.99), ("3", 0.90))
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert "0:01–0:02 No sign – 100%" in page


def test_the_readout_of_an_unknown_second_gets_the_closest_match_in_words(
    alice: Visitor, session: Session
) -> None:
    html = alice.browser.get(session.get_absolute_url()).content.decode()
    assert 'data-unknown="No sign"' in html
    assert 'data-closest="Closest match: {label}, {confidence} (at least {needed} needed)"' in html


def test_in_a_comparison_each_side_has_its_own_word_for_unknown(alice: Visitor, session: Session) -> None:
    place = signed(alice, ("pantheon", 0.5), model="places", label_set="places", labels=["pantheon"] * 10)
    html = alice.browser.get(f"/history/compare/?a={session.pk}&b={place.pk}").content.decode()
    assert 'data-unknown="No sign"' in html
    assert 'data-unknown="Unknown place"' in html


def test_the_list_names_the_signs_seen_most(alice: Visitor, session: Session) -> None:
    page = text_of(alice.browser.get("/history/"))
    assert "· Sign" in page
    assert "0 faces" not in page
    assert "5 50%" in page


@pytest.mark.django_db(transaction=True)
def test_the_export_keeps_what_was_measured(alice: Visitor) -> None:
    session = signed(alice, ("3", 0.5))
    document = json.loads(exported(alice, session, "json")[1])
    assert document["session"]["label_set"] == document["session"]["model"] == "hand_digits"
    (sample,) = document["samples"]
    assert (sample["face"], sample["label"]) == (0, "3")
    assert list(sample["probabilities"]) == DIGITS


def test_a_removed_model_still_has_no_faces(alice: Visitor) -> None:
    gone = signed(alice, ("1", 0.9), model="old_signs", label_set="old_signs")
    page = text_of(alice.browser.get(gone.get_absolute_url()))
    assert "Image" in page
    assert "Face 0" not in page


def test_two_sessions_of_different_tasks_are_shown_side_by_side(alice: Visitor, session: Session) -> None:
    faces = alice.record(["happy"])
    response = alice.browser.get(f"/history/compare/?a={session.pk}&b={faces.pk}")
    assert response.status_code == 200
    assert "n/a" in text_of(response)

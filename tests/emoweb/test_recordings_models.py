"""Sessions end when nobody is there any more, and are forgotten in time."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from emoweb.recordings.models import Sample, Session
from tests.emoweb.recorded import Visitor, add_samples


def days_ago(days: float) -> dict[str, object]:
    """Return the times of a session of one minute that ended so many days ago."""
    end = timezone.now() - timedelta(days=days)
    return {"started": end - timedelta(minutes=1), "last_seen": end, "ended": end}


def test_a_session_last_seen_over_a_minute_ago_has_ended_then(alice: Visitor) -> None:
    now = timezone.now()
    left = alice.record(ended=None, started=now - timedelta(hours=1), last_seen=now - timedelta(seconds=61))
    here = alice.record(ended=None, started=now - timedelta(hours=1), last_seen=now - timedelta(seconds=59))
    assert Session.close_abandoned(now) == 1
    left.refresh_from_db()
    here.refresh_from_db()
    assert left.ended == left.last_seen
    assert here.running


def test_closing_again_changes_nothing(alice: Visitor) -> None:
    session = alice.record(**days_ago(1))
    assert Session.close_abandoned(timezone.now()) == 0
    before = session.ended
    session.refresh_from_db()
    assert session.ended == before


def test_pruning_deletes_what_is_older_with_its_samples(alice: Visitor) -> None:
    alice.record(**days_ago(31))
    kept = alice.record(**days_ago(29))
    output = StringIO()
    call_command("prune_history", "--days", "30", stdout=output)
    assert "1 session older than 30 days was deleted." in output.getvalue()
    assert list(Session.objects.all()) == [kept]
    assert set(Sample.objects.values_list("session_id", flat=True)) == {kept.pk}


def test_pruning_closes_an_abandoned_session_first(alice: Visitor) -> None:
    alice.record(**(days_ago(31) | {"ended": None}))
    call_command("prune_history", "--days", "30", stdout=StringIO())
    assert not Session.objects.exists()


def test_pruning_never_deletes_a_running_session(alice: Visitor) -> None:
    alice.record(ended=None, started=timezone.now() - timedelta(days=40), last_seen=timezone.now())
    call_command("prune_history", "--days", "30", stdout=StringIO())
    assert Session.objects.count() == 1


def test_without_days_the_setting_counts(alice: Visitor) -> None:
    alice.record(**days_ago(366))
    alice.record(**days_ago(364))
    call_command("prune_history", stdout=StringIO())
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_days_before_today_are_refused() -> None:
    with pytest.raises(CommandError, match="--days must be 0 or more"):
        call_command("prune_history", "--days", "-1")


def test_a_face_has_one_sample_a_second(alice: Visitor) -> None:
    session = alice.record(["happy"])
    with pytest.raises(IntegrityError):
        add_samples(session, ["sad"], face=1)


def test_a_session_whose_clock_went_back_has_no_length(alice: Visitor) -> None:
    now = timezone.now()
    session = alice.record(started=now, last_seen=now - timedelta(seconds=5), ended=None)
    assert session.length == timedelta(0)

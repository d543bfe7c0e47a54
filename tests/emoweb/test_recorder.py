"""What is measured becomes rows, whatever happens to the database and to the server."""

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from emoweb.live.service import tidy
from emoweb.live.session import recorder as recorder_module
from emoweb.live.session.recorder import Recorder
from emoweb.live.session.writer import Opening
from emoweb.measurements.averages import SecondAverages
from emoweb.recordings.models import Sample, Session

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
HAPPY = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
SAD = (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Clock:
    """A clock that the test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def opening(**changes: Any) -> Opening:
    fields = {
        "session": uuid.uuid4(),
        "owner": "visitor:an",
        "model": "se_resnet",
        "label_set": "fer7",
        "labels": LABELS,
        "consent": "2026-11",
        "started": timezone.now(),
    }
    return Opening(**{**fields, **changes})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder(clock: Clock, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Recorder]:
    """A running recorder that looks a hundred times a second; only its clock says which second it is."""
    monkeypatch.setattr(recorder_module, "WRITE_EACH_S", 0.01)
    running = Recorder(tidy=lambda: None, clock=clock)
    running.start()
    yield running
    running.stop()


def wait_until(condition: Any) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def only_sample() -> Sample:
    return Sample.objects.get()


# Means


def test_a_second_is_the_mean_of_its_results() -> None:
    averages = SecondAverages()
    averages.add(0, 1, (0.2, 0.8))
    averages.add(0, 1, (0.4, 0.6))
    averages.add(1, 1, (1.0, 0.0))
    (mean,) = averages.take_before(1)
    assert (mean.second, mean.face, mean.n) == (0, 1, 2)
    assert mean.probabilities == pytest.approx((0.3, 0.7))
    assert len(averages) == 1


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.floats(0, 1, allow_nan=False)), max_size=100),
    st.integers(0, 4),
)
def test_nothing_is_lost_or_counted_twice(results: list[tuple[int, int, float]], second: int) -> None:
    averages = SecondAverages()
    for at, face, p in results:
        averages.add(at, face, (p, 1 - p))
    early, late = averages.take_before(second), averages.take_before()
    assert all(mean.second < second for mean in early)
    assert all(mean.second >= second for mean in late)
    assert sum(mean.n for mean in early + late) == len(results)
    total = sum(mean.n * mean.probabilities[0] for mean in early + late)
    assert total == pytest.approx(sum(p for _, _, p in results), abs=1e-6)
    assert len(averages) == 0


# Rows


def test_a_new_session_becomes_a_row_at_once(recorder: Recorder) -> None:
    new = opening()
    recorder.open(new)
    wait_until(Session.objects.exists)
    row = Session.objects.get()
    assert (row.id, row.owner, row.model, row.label_set) == (new.session, "visitor:an", "se_resnet", "fer7")
    assert (row.labels, row.consent, row.frames, row.drops) == (list(LABELS), "2026-11", 0, {})
    assert (row.started, row.ended) == (new.started, None)


def test_the_row_of_a_new_session_waits_for_no_write_interval(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "WRITE_EACH_S", 3600.0)
    for _ in range(3):
        new = opening()
        recorder.open(new).result(timeout=20)
        assert Session.objects.filter(pk=new.session).exists()


def test_a_stopped_recorder_blocks_no_caller(clock: Clock) -> None:
    idle = Recorder(tidy=lambda: None, clock=clock)
    new = opening()
    assert idle.open(new).done()
    assert idle.close(new.session).done()


def test_a_second_that_is_over_becomes_a_sample_a_face(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY), (2, SAD)])
    recorder.result(new.session, [(1, SAD)])
    recorder.result(new.session, [(1, HAPPY)])
    clock.now += 1.0
    wait_until(lambda: Sample.objects.count() == 2)
    first, second = Sample.objects.order_by("face")
    assert (first.second, first.face, first.n, first.label) == (0, 1, 3, "happy")
    assert first.probabilities == pytest.approx([0, 0, 0, 2 / 3, 1 / 3, 0, 0])
    assert first.confidence == pytest.approx(2 / 3)
    assert (second.face, second.n, second.label, second.confidence) == (2, 1, "sad", 1.0)
    assert Session.objects.get().frames == 3


def test_a_second_that_goes_on_waits(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY)])
    clock.now += 0.9
    wait_until(lambda: Session.objects.filter(frames=1).exists())
    assert not Sample.objects.exists()


def test_seconds_count_from_the_start(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    clock.now += 7.5
    recorder.result(new.session, [(3, HAPPY)])
    clock.now += 1
    wait_until(Sample.objects.exists)
    assert only_sample().second == 7


def test_drops_are_counted_by_reason(recorder: Recorder) -> None:
    new = opening()
    recorder.open(new)
    for reason in ("stale", "rate", "stale"):
        recorder.drop(new.session, reason)
    wait_until(lambda: Session.objects.filter(drops={"stale": 2, "rate": 1}).exists())
    recorder.drop(new.session, "stale")
    wait_until(lambda: Session.objects.filter(drops={"stale": 3, "rate": 1}).exists())


def test_a_closed_session_is_complete_before_its_future_is(recorder: Recorder) -> None:
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY)])
    recorder.close(new.session).result(timeout=20)
    row = Session.objects.get()
    assert row.ended is not None
    assert (row.frames, only_sample().n) == (1, 1)


def test_closing_twice_is_harmless(recorder: Recorder) -> None:
    new = opening()
    recorder.open(new)
    recorder.close(new.session).result(timeout=20)
    recorder.close(new.session).result(timeout=20)
    recorder.result(new.session, [(1, HAPPY)])
    assert Session.objects.count() == 1
    assert recorder.health().waiting == 0


def test_a_lost_session_is_not_ended_and_goes_on_where_it_was(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY)])
    recorder.leave(new.session)
    clock.now += 5
    wait_until(Sample.objects.exists)
    assert Session.objects.get().ended is None
    recorder.resume(new.session, started_at=100.0, label_set="fer7")
    recorder.result(new.session, [(1, SAD)])
    recorder.close(new.session).result(timeout=20)
    assert list(Sample.objects.values_list("second", "label")) == [(0, "happy"), (5, "sad")]
    assert Session.objects.get().frames == 2


def test_a_touch_updates_the_last_activity(recorder: Recorder) -> None:
    new = opening(started=timezone.now() - timedelta(hours=1))
    recorder.open(new)
    recorder.touch(new.session)
    wait_until(lambda: Session.objects.filter(last_seen__gt=timezone.now() - timedelta(minutes=1)).exists())


def test_another_label_set_is_recorded_and_samples_keep_all_labels(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    recorder.change_label_set(new.session, "fer5")
    recorder.result(new.session, [(1, HAPPY)])
    recorder.close(new.session).result(timeout=20)
    assert Session.objects.get().label_set == "fer5"
    assert len(only_sample().probabilities) == 7


def test_a_session_deleted_while_it_runs_stays_deleted(recorder: Recorder, clock: Clock) -> None:
    new, other = opening(), opening()
    recorder.open(new)
    recorder.open(other)
    wait_until(lambda: Session.objects.count() == 2)
    Session.objects.filter(pk=new.session).delete()
    for session in (new.session, other.session):
        recorder.result(session, [(1, HAPPY)])
        recorder.close(session).result(timeout=20)
    assert Session.objects.get().id == other.session
    assert only_sample().session_id == other.session
    assert recorder.health().failure is None


def test_a_title_given_meanwhile_stays(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    wait_until(Session.objects.exists)
    Session.objects.update(title="Interview")
    recorder.result(new.session, [(1, HAPPY)])
    recorder.close(new.session).result(timeout=20)
    assert Session.objects.get().title == "Interview"


def test_stopping_writes_the_second_that_is_not_over(recorder: Recorder) -> None:
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY)])
    recorder.stop()
    assert only_sample().n == 1
    row = Session.objects.get()
    assert row.ended is None, "it may be resumed after a restart"


def test_stopping_twice_is_harmless(recorder: Recorder) -> None:
    recorder.stop()
    recorder.stop()
    assert recorder.close(uuid.uuid4()).done()


# Trouble


def test_no_caller_waits_while_the_database_is_locked(recorder: Recorder, clock: Clock) -> None:
    new = opening()
    recorder.open(new)
    wait_until(Session.objects.exists)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE history_session IN ACCESS EXCLUSIVE MODE")
            locked.set()
            release.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    for _ in range(50):
        recorder.result(new.session, [(1, HAPPY)])
        recorder.drop(new.session, "stale")
    closed = recorder.close(new.session)
    assert not closed.done(), "the database is locked, and yet every call returned"
    release.set()
    holder.join(20)
    closed.result(timeout=30)
    row = Session.objects.get()
    assert (row.frames, row.drops, only_sample().n) == (50, {"stale": 50}, 50)


def test_what_a_failing_database_refuses_is_kept_and_tried_again(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    working, broken = recorder_module.write, True

    def write(changes: Any) -> None:
        if broken:
            raise OperationalError("no such disk")
        working(changes)

    monkeypatch.setattr(recorder_module, "write", write)
    new = opening()
    recorder.open(new)
    recorder.result(new.session, [(1, HAPPY)])
    closed = recorder.close(new.session)
    wait_until(lambda: recorder.health().failure == "OperationalError: no such disk")
    assert recorder.health().waiting == 1
    assert not closed.done()
    assert recorder.open(opening()).done(), "a database that fails blocks no welcome"
    broken = False
    closed.result(timeout=20)
    wait_until(lambda: recorder.health().failure is None)
    assert (Session.objects.get(pk=new.session).frames, only_sample().n) == (1, 1)
    assert sum("cannot be written" in record.message for record in caplog.records) == 1


def test_when_too_much_waits_the_newest_is_refused_and_counted(clock: Clock) -> None:
    recorder = Recorder(tidy=lambda: None, clock=clock, most_waiting=3)
    new = opening()
    recorder.open(new)
    for _ in range(5):
        recorder.result(new.session, [(1, HAPPY)])
        clock.now += 1
    health = recorder.health()
    assert (health.waiting, health.lost) == (3, 2)


def test_a_start_ends_what_was_abandoned_and_prunes_what_is_old(
    clock: Clock, transactional_db: None, settings: Any
) -> None:
    settings.HISTORY_DAYS = 30
    long_ago, now = timezone.now() - timedelta(days=31), timezone.now()
    Session.objects.create(id=uuid.UUID(int=1), owner="an", last_seen=now - timedelta(seconds=61))
    Session.objects.create(id=uuid.UUID(int=2), owner="an", last_seen=now - timedelta(seconds=20))
    Session.objects.create(id=uuid.UUID(int=3), owner="an", last_seen=long_ago, ended=long_ago)
    recorder = Recorder(tidy=tidy, clock=clock)
    recorder.start()
    wait_until(lambda: Session.objects.filter(pk=uuid.UUID(int=1), ended__isnull=False).exists())
    wait_until(lambda: not Session.objects.filter(pk=uuid.UUID(int=3)).exists())
    recorder.stop()
    abandoned = Session.objects.get(pk=uuid.UUID(int=1))
    assert abandoned.ended == abandoned.last_seen
    assert Session.objects.get(pk=uuid.UUID(int=2)).ended is None

"""Who may send how much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb.live.capacity.admission import Admission, measured_capacity
from emoweb.live.capacity.limits import BadStreak, Flooded, FloodGuard, FrameGate, ReadingGuard, TokenBucket
from emoweb.live.protocol import FrameRefused
from tests.emoweb.test_live_protocol import frame


def test_a_rested_bucket_lets_its_size_pass_at_once() -> None:
    bucket = TokenBucket(rate=30, size=3)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_fills_at_its_rate_and_no_further_than_its_size() -> None:
    bucket = TokenBucket(rate=10, size=2)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert bucket.take(0.1)
    assert [bucket.take(60.0) for _ in range(3)] == [True, True, False]


@given(st.lists(st.floats(min_value=0, max_value=0.5), max_size=300))
def test_no_arrivals_get_more_than_burst_and_rate_allow(gaps: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate=30, size=60), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now)
    assert taken <= 60 + 30 * now + 1e-6


@given(st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=50))
def test_a_jumping_clock_does_no_harm(times: list[float]) -> None:
    bucket = TokenBucket(rate=30, size=60)
    for now in times:
        bucket.take(now)
    assert bucket.take(2e6)


def arrive(guard: FloodGuard, fps: float, begin: float, seconds: float) -> tuple[int, float | None]:
    """Return how many were refused, and when it was called a flood."""
    refused = 0
    for i in range(int(fps * seconds)):
        now = begin + i / fps
        refused += not guard.admit(now)
        if guard.is_flood(now):
            return refused, now
    return refused, None


def test_thirty_a_second_is_never_refused() -> None:
    assert arrive(FloodGuard(), 30, 0, 120) == (0, None)


def test_a_burst_within_the_bucket_is_never_refused() -> None:
    guard = FloodGuard()
    assert sum(guard.admit(0.0) for _ in range(61)) == 60


@pytest.mark.parametrize("fps", [40, 60, 100, 1000])
def test_too_much_for_five_seconds_is_a_flood(fps: float) -> None:
    refused, at = arrive(FloodGuard(), fps, 0, 30)
    emptied_s = 60 / (fps - 30)
    assert refused > 0
    assert at is not None
    assert emptied_s + 5 <= at + 0.1
    assert at < emptied_s + 6


def test_a_short_flood_is_forgotten_after_a_second_of_calm() -> None:
    guard = FloodGuard()
    for second in range(0, 60, 6):
        _, at = arrive(guard, 1000, second, 3)
        assert at is None


def test_a_flood_of_three_thousand_within_seconds_is_only_refused() -> None:
    refused, at = arrive(FloodGuard(), 1500, 0, 2)
    assert refused > 2800
    assert at is None


def test_ten_bad_frames_in_a_row_are_too_many() -> None:
    streak = BadStreak()
    assert [streak.bad() for _ in range(10)] == [False] * 9 + [True]


def test_a_good_frame_resets_the_streak() -> None:
    streak = BadStreak()
    for _ in range(9):
        streak.bad()
    streak.good()
    assert [streak.bad() for _ in range(10)] == [False] * 9 + [True]


def test_thirty_two_unread_answers_are_never_too_many() -> None:
    reading = ReadingGuard()
    for seq in range(32):
        reading.answer_sent(seq + 1)
    assert not any(reading.frame_received(0, now) for now in (0.0, 10.0, 1000.0))


def test_more_unread_answers_are_too_many_after_five_seconds() -> None:
    reading = ReadingGuard()
    for seq in range(33):
        reading.answer_sent(seq + 1)
    assert [reading.frame_received(0, now) for now in (0.0, 4.9, 5.0)] == [False, False, True]


def test_reading_on_restarts_the_timeout() -> None:
    reading = ReadingGuard()
    for seq in range(40):
        reading.answer_sent(seq + 1)
    assert not reading.frame_received(0, 0.0)
    assert not reading.frame_received(20, 4.0)
    assert not reading.frame_received(20, 9.0)
    for seq in range(40, 80):
        reading.answer_sent(seq + 1)
    assert not reading.frame_received(20, 10.0)
    assert not reading.frame_received(20, 14.9)
    assert reading.frame_received(20, 15.0)


def test_an_answer_under_an_old_number_is_not_counted_twice() -> None:
    reading = ReadingGuard(most_behind=3)
    for seq in (1, 2, 3, 2, 2, 2):
        reading.answer_sent(seq)
    assert not reading.frame_received(0, 0.0)
    assert not reading.frame_received(0, 60.0)


@given(st.lists(st.integers(0, 100), max_size=60), st.integers(0, 2**32 - 1))
def test_a_client_that_claims_any_number_is_not_behind_its_claim(seqs: list[int], answered: int) -> None:
    reading = ReadingGuard(most_behind=0, patience_s=0)
    for seq in sorted(set(seqs)):
        reading.answer_sent(seq)
    behind = sum(seq > answered for seq in set(seqs))
    assert reading.frame_received(answered, 0.0) is (behind > 0)


def test_viewers_are_admitted_up_to_the_capacity() -> None:
    admission = Admission(lambda: 2)
    assert [admission.admit(name) for name in ("An", "Binh", "Chi")] == [True, True, False]
    admission.release("An")
    assert admission.admit("Chi")
    assert admission.viewers == 2


def test_a_place_can_be_transferred_at_capacity() -> None:
    admission = Admission(lambda: 1)
    assert admission.admit("An's old socket")
    assert admission.transfer("An's old socket", "An's new socket")
    assert not admission.admit("Binh")
    admission.release("An's old socket")
    assert admission.viewers == 1


def test_a_released_place_cannot_be_transferred() -> None:
    admission = Admission(lambda: 1)
    assert not admission.transfer("nobody", "Binh")
    assert admission.viewers == 0


def test_a_lower_capacity_closes_no_viewer() -> None:
    capacity = 3
    admission = Admission(lambda: capacity)
    assert all(admission.admit(name) for name in ("An", "Binh", "Chi"))
    capacity = 2
    assert not admission.admit("Dung")
    assert admission.admit("An")


@pytest.mark.parametrize(("frame_ms", "capacity"), [(0.0, 8), (1000.0, 8), (25.0, 8), (10.0, 20), (2.0, 100)])
def test_the_measured_speed_gives_the_capacity_and_never_under_eight(frame_ms: float, capacity: int) -> None:
    assert measured_capacity(frame_ms) == capacity


def test_the_gate_wants_rising_numbers_from_any_start() -> None:
    gate = FrameGate()
    assert gate.admit(frame(0), 0.0, paused=False).drop is None
    assert gate.admit(frame(5), 0.0, paused=False).drop is None
    with pytest.raises(FrameRefused) as refused:
        gate.admit(frame(5), 0.0, paused=False)
    assert (refused.value.code, refused.value.seq) == ("bad_seq", 5)
    assert gate.admit(frame(2**32 - 1), 0.0, paused=False).drop is None


def test_a_frame_too_large_uses_its_number_up() -> None:
    gate = FrameGate()
    with pytest.raises(FrameRefused):
        gate.admit(frame(4, b"x" * 600_000), 0.0, paused=False)
    with pytest.raises(FrameRefused) as refused:
        gate.admit(frame(4), 0.0, paused=False)
    assert refused.value.code == "bad_seq"


def test_garbage_before_the_first_frame_leaves_every_number_free() -> None:
    gate = FrameGate()
    with pytest.raises(FrameRefused):
        gate.admit(b"\x00" * 600_000, 0.0, paused=False)
    assert gate.admit(frame(0), 0.0, paused=False).drop is None


def test_the_gate_says_why_a_frame_gets_no_work() -> None:
    gate = FrameGate()
    assert gate.admit(frame(1, width=20_000), 0.0, paused=False).drop == "bad_image"
    assert gate.admit(frame(2), 0.0, paused=True).drop == "paused"
    drops = [gate.admit(frame(seq), 0.0, paused=False).drop for seq in range(3, 64)]
    assert drops[:58] == [None] * 58
    assert drops[58:] == ["rate"] * 3


def test_the_gate_closes_on_who_does_not_read() -> None:
    gate = FrameGate()
    for seq in range(1, 40):
        gate.admit(frame(seq, answered=0), seq * 0.1, paused=False)
        gate.answer_sent(seq)
    with pytest.raises(Flooded):
        gate.admit(frame(40, answered=0), 8.5, paused=False)

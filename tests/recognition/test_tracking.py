"""Which face is which from frame to frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.options import TrackOptions
from recognition.tracking.tracker import Tracker
from recognition.types import Box

LEFT, RIGHT = Box(0.1, 0.3, 0.2, 0.3), Box(0.6, 0.3, 0.2, 0.3)


def shifted(box: Box, by: float) -> Box:
    return Box(box.x + by, box.y, box.w, box.h)


def track(tracker: Tracker, boxes: list[Box], at: float) -> tuple[int | None, ...]:
    return tracker.update(boxes, [True] * len(boxes), at)


def test_a_box_that_is_not_sure_goes_on_with_a_face_but_never_begins_one() -> None:
    tracker = Tracker()

    assert tracker.update([LEFT, RIGHT], [True, False], 0.0) == (1, None)
    assert tracker.update([LEFT, RIGHT], [False, False], 0.1) == (1, None)
    assert tracker.update([RIGHT, LEFT], [True, False], 0.2) == (2, 1)


def test_a_sure_box_is_matched_before_a_closer_one_that_is_not() -> None:
    tracker = Tracker()
    track(tracker, [LEFT], 0.0)

    assert tracker.update([LEFT, shifted(LEFT, 0.04)], [False, True], 0.1) == (None, 1)


def test_two_people_keep_their_ids_when_the_detector_changes_their_order() -> None:
    tracker = Tracker()

    assert track(tracker, [LEFT, RIGHT], 0.0) == (1, 2)
    assert track(tracker, [RIGHT, LEFT], 0.1) == (2, 1)


def test_a_face_that_was_away_for_under_a_second_is_the_same() -> None:
    tracker = Tracker()
    track(tracker, [LEFT], 0.0)
    track(tracker, [], 0.5)

    assert track(tracker, [shifted(LEFT, 0.03)], 0.9) == (1,)


def test_a_face_that_was_away_longer_gets_an_id_never_used_before() -> None:
    tracker = Tracker()
    track(tracker, [LEFT, RIGHT], 0.0)

    assert track(tracker, [LEFT], 2.0) == (3,)


@pytest.mark.parametrize(("missed", "number"), [(0, 1), (1, 1), (2, 2), (5, 2)])
def test_in_frames_far_apart_a_face_is_absent_once_it_was_missed_twice(missed: int, number: int) -> None:
    tracker = Tracker(TrackOptions(min_missed_frames=2))
    track(tracker, [LEFT], 0.0)
    for frame in range(missed):
        track(tracker, [], 30.0 * (frame + 1))

    assert track(tracker, [LEFT], 30.0 * (missed + 1)) == (number,)


def test_missed_frames_do_not_shorten_the_patience_in_seconds() -> None:
    tracker = Tracker(TrackOptions(min_missed_frames=2))
    track(tracker, [LEFT], 0.0)
    for frame in range(1, 10):
        track(tracker, [], 0.1 * frame)

    assert track(tracker, [LEFT], 1.0) == (1,)


def test_a_negative_number_of_missed_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="min_missed_frames"):
        TrackOptions(min_missed_frames=-1)


def test_a_quick_move_without_overlap_keeps_the_id() -> None:
    tracker = Tracker()
    track(tracker, [LEFT], 0.0)

    # The boxes share nothing, but the centres are closer than .7 of a side.
    assert track(tracker, [Box(0.3, 0.3, 0.2, 0.3)], 0.1) == (1,)


def test_a_much_smaller_face_far_off_is_somebody_else() -> None:
    tracker = Tracker()
    track(tracker, [LEFT], 0.0)

    assert track(tracker, [Box(0.31, 0.4, 0.04, 0.06)], 0.1) == (2,)


def test_a_person_walking_past_another_does_not_swap_ids() -> None:
    tracker = Tracker()
    track(tracker, [LEFT, RIGHT], 0.0)
    for step in range(1, 9):
        ids = track(tracker, [shifted(LEFT, 0.04 * step), RIGHT], 0.1 * step)
        assert ids == (1, 2)


@given(st.lists(st.lists(st.tuples(*[st.floats(0, 0.5)] * 2), max_size=4), max_size=12))
def test_ids_in_one_frame_are_distinct_and_start_at_one(frames: list[list[tuple[float, float]]]) -> None:
    tracker, seen = Tracker(), set()
    for number, corners in enumerate(frames):
        ids = track(tracker, [Box(x, y, 0.2, 0.2) for x, y in corners], number * 0.1)
        assert len(set(ids)) == len(corners)
        seen |= set(ids)
    assert seen == set(range(1, len(seen) + 1))

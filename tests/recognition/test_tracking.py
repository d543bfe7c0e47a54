"""Who is who, and how calm a label is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.options import SmoothOptions, TrackOptions
from recognition.tracking.smoother import Smoother, Steady
from recognition.tracking.tracker import Tracker
from recognition.types import Box, FloatArray

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


def chances(*values: float) -> FloatArray:
    return np.array(values, np.float32)


def fed(smoother: Smoother, value: FloatArray, start: float, stop: float, step: float) -> Steady:
    steady = None
    for at in np.arange(start, stop, step):
        steady = smoother.update(value, float(at))
    assert steady is not None
    return steady


def test_a_single_odd_frame_does_not_change_the_label() -> None:
    smoother = Smoother()
    fed(smoother, chances(0.9, 0.1), 0, 2, 0.1)

    assert smoother.update(chances(0.0, 1.0), 2.0).label == 0


def test_a_lasting_change_does_change_the_label() -> None:
    smoother = Smoother()
    fed(smoother, chances(0.9, 0.1), 0, 2, 0.1)

    assert fed(smoother, chances(0.1, 0.9), 2, 4, 0.1).label == 1


def test_a_lead_under_the_margin_never_changes_the_label() -> None:
    smoother = Smoother(SmoothOptions(margin=0.1))
    fed(smoother, chances(0.6, 0.4), 0, 2, 0.1)

    assert fed(smoother, chances(0.46, 0.54), 2, 30, 0.1).label == 0


@pytest.mark.parametrize("step", [0.02, 0.1, 0.3])
def test_calm_depends_on_time_and_not_on_the_frame_rate(step: float) -> None:
    smoother = Smoother(SmoothOptions(tau_s=0.6))
    smoother.update(chances(1.0, 0.0), 0.0)
    steady = fed(smoother, chances(0.0, 1.0), step, 0.6 + step / 2, step)

    # After one time constant the old value has fallen to 1/e.
    assert steady.probabilities[0] == pytest.approx(np.exp(-1), abs=0.01)


def test_a_face_below_the_threshold_is_uncertain() -> None:
    smoother = Smoother(SmoothOptions(uncertain_below=0.5))

    assert smoother.update(chances(0.4, 0.35, 0.25), 0.0).uncertain
    assert not fed(smoother, chances(0.9, 0.05, 0.05), 0.1, 3, 0.1).uncertain


@given(
    st.lists(st.tuples(st.floats(0.001, 1), st.floats(0.001, 1), st.floats(0, 2)), min_size=1, max_size=30)
)
def test_smoothed_values_stay_probabilities(frames: list[tuple[float, float, float]]) -> None:
    smoother, at = Smoother(), 0.0
    for one, other, pause in frames:
        at += pause
        steady = smoother.update(chances(one, other) / np.float32(one + other), at)
        assert steady.probabilities.sum() == pytest.approx(1, abs=1e-4)
        assert steady.confidence == pytest.approx(float(steady.probabilities[steady.label]))

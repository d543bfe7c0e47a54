"""One face's answer over time: calm at a high frame rate, and without contradiction at any."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.options import SmoothOptions
from recognition.tracking.smoother import Smoother, Steady
from recognition.types import FloatArray

OPTIONS = SmoothOptions()
FRAME_RATES = (0.2, 1, 5, 25, 60)
SHARES = st.lists(st.floats(0.0, 1.0, width=32), min_size=3, max_size=3).map(tuple)
STEPS_S = st.one_of(st.sampled_from([0.0, 1 / 60, 0.04, 0.2, 1.0, 5.0, 90.0, -0.5]), st.floats(0, 10))


def chances(*values: float) -> FloatArray:
    return np.array(values, np.float32)


def fed(smoother: Smoother, value: FloatArray, start: float, stop: float, step: float) -> Steady:
    """Return the last answer of a row of equal frames; at least one is given."""
    return [smoother.update(value, float(at)) for at in np.arange(start, stop, step)][-1]


def named(steady: Steady) -> int | None:
    """Return the label that a page names, None where it says "uncertain"."""
    return None if steady.uncertain else steady.label


def assert_no_contradiction(steady: Steady, options: SmoothOptions = OPTIONS) -> None:
    """What is shown beside each other agrees: the label, its number, and all the probabilities."""
    assert steady.label == int(steady.probabilities.argmax())
    assert steady.confidence == float(steady.probabilities.max())
    if not steady.uncertain:
        assert steady.confidence >= options.uncertain_below
        assert sorted(steady.probabilities)[-2] < steady.confidence


@given(st.lists(st.tuples(SHARES, STEPS_S), min_size=1, max_size=40), st.sampled_from([0.0, 0.4, 0.51, 0.97]))
def test_the_parts_of_an_answer_agree_whatever_comes_and_whenever(
    frames: list[tuple[tuple[float, ...], float]], threshold: float
) -> None:
    options = SmoothOptions(uncertain_below=threshold)
    smoother, at = Smoother(options), 100.0
    for shares, step in frames:
        at += step
        value = chances(*shares) + np.float32(1e-6)
        steady = smoother.update(value / value.sum(), at)
        assert_no_contradiction(steady, options)
        assert steady.probabilities.sum() == pytest.approx(1, abs=1e-4)
        assert steady.probabilities.dtype == np.float32


@given(
    st.lists(SHARES, min_size=2, max_size=120),
    st.floats(1 / 60, OPTIONS.dwell_s),
    st.sampled_from([0.0, 0.4, 0.51]),
)
def test_an_answer_that_was_withdrawn_is_followed_by_none_for_a_moment(
    frames: list[tuple[float, ...]], step: float, threshold: float
) -> None:
    smoother = Smoother(SmoothOptions(uncertain_below=threshold))
    answers = []
    for number, shares in enumerate(frames):
        value = chances(*shares) + np.float32(1e-6)
        answers.append((number * step, named(smoother.update(value / value.sum(), number * step))))

    given_at = [(at, label) for at, label in answers if label is not None]
    for (before, former), (at, label) in pairwise(given_at):
        goes_on = former == label and at - before < 1.5 * step
        assert goes_on or at - before >= OPTIONS.dwell_s - 1e-6


@settings(deadline=None, max_examples=40)
@given(SHARES, SHARES, st.sampled_from([0.2, 1, 5, 25]))
def test_an_expression_that_stays_is_named_in_the_end(
    before: tuple[float, ...], after: tuple[float, ...], fps: float
) -> None:
    first, lasting = (chances(*shares) + np.float32(1e-6) for shares in (before, after))
    lasting /= lasting.sum()
    low, second, best = sorted(lasting)
    smoother = Smoother()
    smoother.update(first / first.sum(), 0.0)
    steady = fed(smoother, lasting, 1 / fps, 30 + 2 / fps, 1 / fps)

    clear = best - second > 0.02 and abs(best - OPTIONS.uncertain_below) > 0.001
    assert not clear or steady.uncertain == (best < OPTIONS.uncertain_below), (low, second, best)


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_a_lasting_change_is_named_after_the_same_time_at_any_frame_rate(fps: float) -> None:
    smoother, step = Smoother(), 1 / fps
    fed(smoother, chances(0.9, 0.1), 0, 10, step)
    start = 10.0
    shown = [smoother.update(chances(0.1, 0.9), start + n * step) for n in range(round(10 * fps) + 1)]
    for steady in shown:
        assert_no_contradiction(steady)

    first = next(n for n, steady in enumerate(shown) if named(steady) == 1)
    assert first * step <= 0.85 + step
    assert {named(steady) for steady in shown[first:]} == {1}


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_one_frame_a_second_or_fewer_are_named_at_once(fps: float) -> None:
    smoother = Smoother()
    fed(smoother, chances(0.9, 0.1), 0, 10, 1 / fps)
    steady = smoother.update(chances(0.1, 0.9), 10 + 1 / fps - 1e-9)

    assert_no_contradiction(steady)
    assert named(steady) == (1 if fps <= 1 else 0)


@pytest.mark.parametrize("fps", [5, 25, 60])
def test_a_single_odd_frame_does_not_change_the_answer(fps: float) -> None:
    smoother = Smoother()
    fed(smoother, chances(0.9, 0.1), 0, 2, 1 / fps)

    assert named(smoother.update(chances(0.0, 1.0), 2.0)) == 0
    assert named(smoother.update(chances(0.9, 0.1), 2 + 1 / fps)) == 0


@pytest.mark.parametrize("fps", [25, 60])
@pytest.mark.parametrize(
    "shares",
    [(0.48, 0.46, 0.06), (0.42, 0.3, 0.28), (0.5, 0.5, 0.0)],
    ids=["tie", "at the threshold", "exact tie"],
)
def test_a_noisy_answer_is_calm_at_a_high_frame_rate(fps: float, shares: tuple[float, ...]) -> None:
    random, smoother, seconds = np.random.default_rng(7), Smoother(), 60
    answers = []
    for number in range(int(seconds * fps)):
        logits = np.log(chances(*shares) + 0.001) + random.normal(0, 0.6, len(shares))
        value = np.exp(logits).astype(np.float32)
        answers.append(named(smoother.update(value / value.sum(), number / fps)))

    # The label that leads changes several times a second.
    changes = sum(one != other for one, other in pairwise(answers))
    assert changes <= 1.2 * seconds


@pytest.mark.parametrize(("lead", "longest_s"), [(0.2, 0.5), (0.08, 0.5), (0.04, 0.85), (0.02, 1.6)])
def test_a_narrow_lead_takes_longer_to_be_named(lead: float, longest_s: float) -> None:
    options = SmoothOptions(tau_s=0.001)  # no smoothing: the lead is that of the frames
    smoother = Smoother(options)
    smoother.update(chances(1.0, 0.0), 0.0)
    value = chances(0.5 - lead / 2, 0.5 + lead / 2)
    shown = [smoother.update(value, n / 50) for n in range(1, 100)]

    needed = options.dwell_s / min(lead / options.margin, 1)
    waited = next(n for n, steady in enumerate(shown, 1) if not steady.uncertain) / 50
    assert needed - 0.001 <= waited <= longest_s


def test_a_tie_is_not_named() -> None:
    smoother = Smoother(SmoothOptions(uncertain_below=0.4))

    assert smoother.update(chances(0.5, 0.5), 0.0).uncertain
    assert fed(smoother, chances(0.5, 0.5), 0.1, 30, 0.1).uncertain


def test_the_first_frame_is_named_at_once() -> None:
    assert named(Smoother().update(chances(0.1, 0.48, 0.42), 5.0)) == 1


def test_time_that_stands_still_or_goes_back_changes_nothing() -> None:
    smoother = Smoother()
    before = smoother.update(chances(0.9, 0.1), 10.0)
    for at in (10.0, 9.0, 10.0):
        steady = smoother.update(chances(0.1, 0.9), at)
        assert (steady.label, steady.uncertain) == (0, False)
        assert steady.probabilities.tolist() == before.probabilities.tolist()

    # The time between 9 and 10 does not count twice.
    assert smoother.update(chances(0.1, 0.9), 10.04).confidence > 0.8


@pytest.mark.parametrize(("absence_s", "answer"), [(0.04, 0), (1.4, 1)])
def test_a_face_that_returns_shows_what_it_shows_now(absence_s: float, answer: int) -> None:
    smoother = Smoother()
    fed(smoother, chances(0.9, 0.1), 0, 2.01, 0.04)
    steady = smoother.update(chances(0.02, 0.98), 2.0 + absence_s)

    assert_no_contradiction(steady)
    assert named(steady) == answer


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


def test_a_label_that_led_for_long_is_named_as_soon_as_it_reaches_the_threshold() -> None:
    smoother = Smoother(SmoothOptions(uncertain_below=0.95))
    smoother.update(chances(0.98, 0.02), 0.0)
    shown = [smoother.update(chances(0.02, 0.98), n / 25) for n in range(1, 60)]

    assert [steady.uncertain for steady in shown[30:]] == [steady.confidence < 0.95 for steady in shown[30:]]
    assert not shown[-1].uncertain

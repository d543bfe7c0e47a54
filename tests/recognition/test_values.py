"""Boxes, label sets and probabilities: pure values."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recognition.errors import LabelSetUnknown
from recognition.models.calibration import Calibration
from recognition.models.labels import label_positions, label_sets_of, restrict, softmax
from recognition.models.tasks import LABEL_SETS
from recognition.types import Box

fractions = st.floats(0, 1, allow_nan=False)
boxes = st.builds(Box, fractions, fractions, fractions, fractions)
logit_rows = st.lists(st.floats(-30, 30, allow_nan=False, width=32), min_size=7, max_size=7)


@given(boxes, boxes)
@example(Box(0.5, 0.0, 8.4e-17, 1.0), Box(0.5, 0.0, 8.4e-17, 1.0))
def test_iou_is_a_fraction_and_the_same_both_ways(one: Box, other: Box) -> None:
    assert 0 <= one.iou(other) <= 1 + 1e-9
    assert one.iou(other) == pytest.approx(other.iou(one))


def test_iou_of_half_overlapping_squares_is_a_third() -> None:
    assert Box(0, 0, 0.2, 0.2).iou(Box(0.1, 0, 0.2, 0.2)) == pytest.approx(1 / 3)


@given(*[st.floats(-500, 1500, allow_nan=False)] * 4)
def test_a_box_from_pixels_lies_within_the_image(x1: float, y1: float, x2: float, y2: float) -> None:
    box = Box.from_xyxy_px(x1, y1, x2, y2, 640, 480)

    assert min(box.x, box.y, box.w, box.h) >= 0
    assert box.x + box.w <= 1 + 1e-9 or box.w == 0
    assert box.y + box.h <= 1 + 1e-9 or box.h == 0


@given(logit_rows, st.floats(0.3, 5))
def test_five_labels_are_a_softmax_over_their_own_logits(row: list[float], temperature: float) -> None:
    positions = label_positions(LABEL_SETS["fer7"], LABEL_SETS["fer5"])
    logits = np.array(row, np.float32)

    viewed = restrict(softmax(logits, temperature), positions)

    assert viewed.sum() == pytest.approx(1, abs=1e-4)
    if softmax(logits, temperature)[positions].sum() > 1e-3:
        np.testing.assert_allclose(viewed, softmax(logits[positions], temperature), atol=1e-3)


def test_a_softmax_matches_values_worked_out_by_hand() -> None:
    # e^0, e^1, e^2 over their sum 11.1073
    np.testing.assert_allclose(
        softmax(np.array([0, 1, 2], np.float32)), [0.09003, 0.24473, 0.66524], atol=1e-5
    )


@given(logit_rows, st.floats(0.3, 5), st.floats(0, 2))
def test_damping_keeps_the_order_of_the_labels(row: list[float], temperature: float, damping: float) -> None:
    logits = np.sort(np.array(row, np.float32))

    damped = Calibration(temperature, damping).probabilities(logits)

    assert damped.sum() == pytest.approx(1, abs=1e-4)
    assert (np.diff(damped) >= -1e-6).all()


def test_damping_matches_values_worked_out_by_hand() -> None:
    # .6, .3 and .1, each times e to the minus itself, over their sum .642016
    logits = 2 * np.log(np.array([0.6, 0.3, 0.1], np.float32))

    np.testing.assert_allclose(
        Calibration(2, 1).probabilities(logits), [0.51290, 0.34617, 0.14094], atol=1e-5
    )
    np.testing.assert_allclose(Calibration(2).probabilities(logits), [0.6, 0.3, 0.1], atol=1e-6)


def test_a_seven_label_model_answers_in_seven_and_in_five() -> None:
    assert label_sets_of(LABEL_SETS["fer7"]) == ("fer7", "fer5")


def test_an_eight_label_model_answers_in_all_sets_its_own_first() -> None:
    assert label_sets_of(LABEL_SETS["ferplus8"]) == ("ferplus8", "fer7", "fer5")


def test_labels_that_a_model_lacks_are_named() -> None:
    with pytest.raises(LabelSetUnknown, match="contempt"):
        label_positions(LABEL_SETS["fer7"], LABEL_SETS["ferplus8"])


def test_nothing_left_to_renormalise_gives_even_chances() -> None:
    probabilities = np.array([0, 1, 0, 0, 0, 0, 0], np.float32)

    np.testing.assert_allclose(
        restrict(probabilities, label_positions(LABEL_SETS["fer7"], LABEL_SETS["fer5"])), [0.2] * 5
    )

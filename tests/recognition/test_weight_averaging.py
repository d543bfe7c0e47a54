"""Results that lie between the weights a training began with and those it ended with."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recognition.errors import RecipeError
from recognition.lab.training.weight_averaging import average_weights, check_weight_interpolation

numbers = st.floats(-100, 100, width=32)


@given(start=numbers, trained=numbers, share=st.floats(0, 1))
def test_a_weight_lies_between_its_start_and_its_end(start: float, trained: float, share: float) -> None:
    blended = average_weights({"w": torch.tensor([start])}, {"w": torch.tensor([trained])}, share)
    assert blended["w"].item() == pytest.approx(share * start + (1 - share) * trained, abs=1e-4)


def test_without_a_share_the_trained_weights_stay_to_the_bit() -> None:
    start, trained = torch.randn(1000), torch.randn(1000)
    assert torch.equal(average_weights({"w": start}, {"w": trained}, 0.0)["w"], trained)


def test_counters_are_the_trained_ones() -> None:
    blended = average_weights({"batches": torch.tensor(3)}, {"batches": torch.tensor(9)}, 0.5)
    assert blended["batches"].item() == 9


@pytest.mark.parametrize(("share", "has_start"), [(-0.1, True), (1.0, True), (0.3, False)])
def test_a_share_that_cannot_be_kept_is_refused(share: float, has_start: bool) -> None:
    with pytest.raises(RecipeError):
        check_weight_interpolation(share, has_start=has_start)

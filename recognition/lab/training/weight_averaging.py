"""Averages the weights from before and after a training run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from recognition.errors import RecipeError

if TYPE_CHECKING:
    from torch import Tensor


def average_weights(
    start: "Mapping[str, Tensor]", trained: "Mapping[str, Tensor]", fraction: float
) -> "dict[str, Tensor]":
    """Average two sets of weights by name: `fraction` of the initial ones, the rest of the trained ones.

    Counters are the trained ones'. Between both a network is often more accurate than at either end (WiSE-FT,
    Wortsman et al. 2022, section 3).
    """
    return {
        name: start[name].to(value).lerp(value, 1 - fraction) if value.is_floating_point() else value
        for name, value in trained.items()
    }


def check_weight_interpolation(fraction: float, *, has_start: bool) -> None:
    """Raise RecipeError for a fraction outside 0..1, or where a layer starts from random weights."""
    if not 0 <= fraction < 1:
        raise RecipeError(f"The weight interpolation is {fraction}; choose one from 0 to less than 1.")
    if fraction and not has_start:
        raise RecipeError(
            "Weights can be interpolated only where every layer of the network starts from given weights."
        )

"""The weights between those that a training began with and those that it ended with."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from recognition.errors import RecipeError

if TYPE_CHECKING:
    from torch import Tensor


def blend(
    start: "Mapping[str, Tensor]", trained: "Mapping[str, Tensor]", start_share: float
) -> "dict[str, Tensor]":
    """Return `start_share` of the first weights and the rest of the trained ones, name by name.

    Counters are the trained ones'. On the line between both a net is often right more often than at either
    end (WiSE-FT, Wortsman et al. 2022, section 3).
    """
    return {
        name: start[name].to(value).lerp(value, 1 - start_share) if value.is_floating_point() else value
        for name, value in trained.items()
    }


def check_start_share(start_share: float, *, has_start: bool) -> None:
    """Raise RecipeError for a share outside 0..1, or one of layers that begin with random weights."""
    if not 0 <= start_share < 1:
        raise RecipeError(f"The start's share is {start_share}; choose one from 0 to less than 1.")
    if start_share and not has_start:
        raise RecipeError(
            "A share of the start can be kept only of a net whose every layer begins with weights."
        )

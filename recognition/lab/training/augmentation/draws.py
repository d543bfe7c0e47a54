"""Random choices: which images change, and how much."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor


def change_share(
    images: Tensor, share: float, generator: Generator, change: Callable[[Tensor], Tensor]
) -> Tensor:
    """Apply `change`, which keeps the size, to a share of the images; the others are not processed."""
    if not share:
        return images
    chosen = (torch.rand(len(images), generator=generator) < share).nonzero()[:, 0]
    if not len(chosen):
        return images
    if len(chosen) == len(images):
        return change(images)
    chosen = chosen.to(images.device)
    changed = images.clone()
    changed[chosen] = change(images[chosen])
    return changed


def around_zero(count: int, limit: float, generator: Generator) -> Tensor:
    """Draw (count,) numbers evenly from -limit to limit."""
    return (2 * torch.rand(count, generator=generator) - 1) * limit


def between(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Draw (count,) numbers evenly from low to high."""
    return low + (high - low) * torch.rand(count, generator=generator)


def per_image(values: Tensor, images: Tensor) -> Tensor:
    """Move (n,) drawn numbers to the images' device, as (n, 1, 1, 1)."""
    return values.view(-1, 1, 1, 1).to(images.device)

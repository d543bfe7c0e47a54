"""Lighting changes: brightness, contrast and gamma."""

import math

import torch
from torch import Generator, Tensor

from recognition.lab.training.augmentation.draws import around_zero, change_share, per_image
from recognition.lab.training.recipe import AugmentationPart


def relight(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Change the light of a share of the images, each within the recipe's limits."""
    return change_share(
        images, part.light, generator, lambda chosen: _relit_at_random(chosen, part, generator)
    )


def _relit_at_random(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    count = len(images)
    images = relit(
        images,
        contrast=1 + around_zero(count, part.contrast, generator),
        brightness=around_zero(count, part.brightness, generator),
    )
    if not part.gamma:
        return images
    exponents = torch.exp(around_zero(count, math.log1p(part.gamma), generator))
    return images.pow(per_image(exponents, images))


def relit(images: Tensor, *, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Stretch each image about its mean by `contrast` (n,), then add `brightness` (n,)."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    stretched = (images - mean) * per_image(contrast, images) + mean
    return (stretched + per_image(brightness, images)).clamp(0, 1)

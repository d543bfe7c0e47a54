"""Lighting changes: brightness, contrast and gamma."""

import math

import torch
from torch import Generator, Tensor

from recognition.lab.training.augmentation.draws import around_zero, between, change_share, per_image
from recognition.lab.training.recipe import AugmentationPart

DAYLIGHT = 0.4  # about the mean of a well lit face


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


def darken(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Darken a share of the images, down to a mean of `dark_to` or more."""
    return change_share(
        images,
        part.dark,
        generator,
        lambda chosen: darkened(chosen, between(len(chosen), part.dark_to, DAYLIGHT, generator)),
    )


def darkened(images: Tensor, mean: Tensor) -> Tensor:
    """Scale each image to `mean` (n,), rounded to 8 bits; a darker one stays as it is."""
    factor = per_image(mean, images) / images.mean(dim=(1, 2, 3), keepdim=True).clamp_min(1e-3)
    return (images * factor.clamp_max(1.0) * 255).round() / 255


def relit(images: Tensor, *, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Stretch each image about its mean by `contrast` (n,), then add `brightness` (n,)."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    stretched = (images - mean) * per_image(contrast, images) + mean
    return (stretched + per_image(brightness, images)).clamp(0, 1)

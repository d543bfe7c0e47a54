"""Color changes: saturation, hue, and the PCA noise of Krizhevsky et al. 2012."""

import math

import torch
from torch import Generator, Tensor

from recognition.lab.training.augmentation.draws import around_zero, change_share, per_image
from recognition.lab.training.recipe import AugmentationPart

# Shares of red, green and blue in what the eye sees as light (ITU-R BT.601).
LUMA = (0.299, 0.587, 0.114)
# ImageNet's principal components of RGB in 0..1: those of its training set in the paper.
# A batch's own would change with every draw, and cost a decomposition each time.
IMAGENET_VARIANCES = (0.2175, 0.0188, 0.0045)
IMAGENET_COMPONENTS = (
    (-0.5675, -0.5808, -0.5836),
    (0.7192, -0.0045, -0.6948),
    (0.4009, -0.8140, 0.4203),
)


def recolour(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Change the colors of a share of the images, each within the recipe's limits; gray ones have none."""
    if images.shape[1] != len(LUMA):
        return images
    return change_share(
        images, part.colour, generator, lambda chosen: _recoloured_at_random(chosen, part, generator)
    )


def _recoloured_at_random(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    count = len(images)
    if part.saturation:
        images = saturated(images, 1 + around_zero(count, part.saturation, generator))
    if part.hue:
        images = hue_turned(images, around_zero(count, part.hue, generator))
    if part.pca_deviation:
        amounts = part.pca_deviation * torch.randn(count, 3, generator=generator)
        images = shifted_along_components(images, amounts)
    return images


def cast_color(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Give a share of the images a wrong white balance."""
    return change_share(
        images, part.cast, generator, lambda chosen: _cast_at_random(chosen, part.cast_strength, generator)
    )


def _cast_at_random(images: Tensor, strength: float, generator: Generator) -> Tensor:
    channels = images.shape[1]
    logs = around_zero(len(images) * channels, math.log1p(strength), generator)
    return (images * torch.exp(logs).view(-1, channels, 1, 1).to(images)).clamp(0, 1)


def turn_gray(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Turn a share of the images gray; single-channel images stay as they are."""
    if images.shape[1] != len(LUMA):
        return images
    return change_share(images, part.gray, generator, lambda chosen: luma(chosen).expand_as(chosen))


def luma(images: Tensor) -> Tensor:
    """The light (n, 1, h, w) of RGB images."""
    return (images * images.new_tensor(LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)


def saturated(images: Tensor, factors: Tensor) -> Tensor:
    """Move each pixel away from its gray by `factors` (n,): 0 gives gray, 1 changes nothing."""
    grey = luma(images)
    return (grey + (images - grey) * per_image(factors, images)).clamp(0, 1)


def hue_turned(images: Tensor, turns: Tensor) -> Tensor:
    """Turn each image's hue by `turns` (n,) of the color circle; value and saturation stay (HSV)."""
    red, green, blue = images.unbind(dim=1)
    largest = images.amax(dim=1)
    chroma = largest - images.amin(dim=1)
    safe = chroma.clamp_min(1e-12)
    sixths = torch.where(
        largest == red,
        (green - blue) / safe,
        torch.where(largest == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    # Each channel falls from the largest value by a trapezoid of the hue, a third of a circle apart.
    places = images.new_tensor([5.0, 3.0, 1.0]).view(1, 3, 1, 1)
    around = (places + sixths[:, None] + 6 * per_image(turns, images)) % 6
    fall = torch.minimum(around, 4 - around).clamp(0, 1)
    return (largest[:, None] - chroma[:, None] * fall).clamp(0, 1)


def shifted_along_components(images: Tensor, amounts: Tensor) -> Tensor:
    """Add `amounts` (n, 3) times each component's variance along it to all pixels (section 4.1 there)."""
    shifts = (amounts * amounts.new_tensor(IMAGENET_VARIANCES)) @ amounts.new_tensor(IMAGENET_COMPONENTS)
    return (images + shifts[:, :, None, None].to(images.device)).clamp(0, 1)

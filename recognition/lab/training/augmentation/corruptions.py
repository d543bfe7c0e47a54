"""Corruptions: blur, lower resolution, JPEG compression, a covered part."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from recognition.lab.training.augmentation.cosine_blocks import rounded_as_jpeg
from recognition.lab.training.augmentation.draws import around_zero, between, change_share, per_image
from recognition.lab.training.recipe import AugmentationPart

BEST_QUALITY = 100


def add_noise(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Add a sensor's noise to a share of the images, each with a deviation of its own."""
    return change_share(images, part.noise, generator, lambda chosen: _noisy(chosen, part, generator))


def _noisy(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    deviation = per_image(between(len(images), 0.0, part.noise_deviation, generator), images)
    return (images + deviation * torch.randn(images.shape, generator=generator).to(images)).clamp(0, 1)


def blur(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Blur a share of the images, each by up to `blur_sigma_px`."""
    return change_share(
        images,
        part.blur,
        generator,
        lambda chosen: blurred(chosen, between(len(chosen), 0.0, part.blur_sigma_px, generator)),
    )


def shrink(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Shrink a share of the images to down to `shrink_to` of their side and bring them up again.

    The images of one batch that shrink do so alike: one size is one call.
    """
    return change_share(
        images,
        part.shrink,
        generator,
        lambda chosen: shrunk(chosen, between(1, part.shrink_to, 1.0, generator).item()),
    )


def jpeg(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Degrade a share of the images as JPEG of quality `jpeg_quality` or better does."""
    return change_share(
        images,
        part.jpeg,
        generator,
        lambda chosen: rounded_as_jpeg(
            chosen, between(len(chosen), part.jpeg_quality, BEST_QUALITY, generator)
        ),
    )


def erase(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Cover a rectangle of a share of the images with noise (random erasing, Zhong et al. 2020)."""
    return change_share(
        images, part.erase, generator, lambda chosen: _covered_at_random(chosen, part, generator)
    )


def _covered_at_random(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    count, _, height, width = images.shape
    areas = between(count, *part.erase_area, generator)
    ratios = torch.exp(around_zero(count, math.log(3), generator))
    inside = rectangles(areas, ratios, (height, width), generator).to(images.device)
    noise = torch.rand(images.shape, generator=generator).to(images)
    return torch.where(inside, noise, images)


def rectangles(areas: Tensor, ratios: Tensor, size_hw: tuple[int, int], generator: Generator) -> Tensor:
    """Mark (n, 1, h, w) one rectangle an image, wholly inside it, anywhere.

    `areas` are (n,) shares of the image, `ratios` (n,) of height to width; a side ends at the image's.
    """
    height, width = size_hw
    box_height = (torch.sqrt(areas * ratios) * height).clamp(max=height)
    box_width = (torch.sqrt(areas / ratios) * width).clamp(max=width)
    top = torch.rand(len(areas), generator=generator) * (height - box_height)
    left = torch.rand(len(areas), generator=generator) * (width - box_width)
    rows, columns = _inside(height, top, box_height), _inside(width, left, box_width)
    return rows[:, None, :, None] & columns[:, None, None, :]


def _inside(side: int, start: Tensor, length: Tensor) -> Tensor:
    """Mark (n, side) the pixels whose center is in [start, start + length)."""
    middles = torch.arange(side)[None] + 0.5
    return (middles >= start[:, None]) & (middles < (start + length)[:, None])


def blurred(images: Tensor, sigma_px: Tensor) -> Tensor:
    """Blur each image with a Gaussian of its own `sigma_px` (n,), cut at three sigma; borders reflect."""
    count, channels, height, width = images.shape
    reach = min(math.ceil(3 * float(sigma_px.max())), height - 1, width - 1)
    places = torch.arange(-reach, reach + 1)
    kernels = torch.exp(-0.5 * (places / sigma_px.clamp_min(1e-3)[:, None]).square())
    kernels = (kernels / kernels.sum(dim=1, keepdim=True)).to(images).repeat_interleave(channels, dim=0)
    # One group a channel of an image: each meets its own kernel, first along columns, then along rows.
    planes = images.reshape(1, count * channels, height, width)
    planes = functional.pad(planes, (reach, reach, reach, reach), mode="reflect")
    planes = functional.conv2d(planes, kernels[:, None, :, None], groups=count * channels)
    planes = functional.conv2d(planes, kernels[:, None, None, :], groups=count * channels)
    return planes.view(count, channels, height, width).clamp(0, 1)


def shrunk(images: Tensor, share: float) -> Tensor:
    """Shrink images to `share` of their sides by area means and bring them up again bilinearly."""
    height, width = images.shape[2:]
    small = (max(round(height * share), 1), max(round(width * share), 1))
    if small == (height, width):
        return images
    down = functional.interpolate(images, small, mode="area")
    return functional.interpolate(down, (height, width), mode="bilinear", align_corners=False)

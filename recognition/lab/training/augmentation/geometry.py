"""Geometric changes: mirroring, rotation, translation, scaling, shearing, cropping."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from recognition.lab.training.augmentation.draws import around_zero, change_share
from recognition.lab.training.recipe import AugmentationPart


def flip(images: Tensor, generator: Generator) -> Tensor:
    """Mirror half of the images, left to right."""
    return change_share(images, 0.5, generator, lambda chosen: chosen.flip(3))


def vertical_flip(images: Tensor, generator: Generator) -> Tensor:
    """Turn half of the images upside down, as a mirror below them would."""
    return change_share(images, 0.5, generator, lambda chosen: chosen.flip(2))


def affine(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Turn, shift, scale and slant a share of the images, each within the recipe's limits."""
    return change_share(
        images, part.affine, generator, lambda chosen: _moved_at_random(chosen, part, generator)
    )


def _moved_at_random(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    count = len(images)
    return moved(
        images,
        angle=around_zero(count, math.radians(part.rotate_deg), generator),
        scale=1 + around_zero(count, part.scale, generator),
        shear=around_zero(count, math.radians(part.shear_deg), generator),
        shift=torch.stack([around_zero(count, part.translate, generator) for _ in range(2)], dim=1),
    )


def cut_out(
    images: Tensor, part: AugmentationPart, side: int, magnified: float, generator: Generator
) -> Tensor:
    """Crop the center of each image, magnified, and scale it to `side`; a share of them is moved as well.

    A move is within the recipe's limits; the magnification is multiplied by 1/(1+scale) to 1+scale, and
    shifts are fractions of the crop.
    """
    count = len(images)
    chosen = (torch.rand(count, generator=generator) < part.affine).float()
    scale = magnified * torch.exp(chosen * around_zero(count, math.log1p(part.scale), generator))
    shift = torch.stack([chosen * around_zero(count, part.translate, generator) for _ in range(2)], dim=1)
    return moved(
        images,
        angle=chosen * around_zero(count, math.radians(part.rotate_deg), generator),
        scale=scale,
        shear=chosen * around_zero(count, math.radians(part.shear_deg), generator),
        shift=shift / scale[:, None],
        side=side,
    )


def moved(
    images: Tensor, *, angle: Tensor, scale: Tensor, shear: Tensor, shift: Tensor, side: int | None = None
) -> Tensor:
    """Turn clockwise by `angle`, magnify by `scale`, slant by `shear`, and look `shift` (x, y) further.

    `angle` and `shear` are (n,) radians, `shift` (n, 2) shares of the sides. What comes in from
    outside repeats the border. The result is of the same size, or square with `side`.
    """
    height, width = images.shape[2:]
    sine, cosine, slant = torch.sin(angle), torch.cos(angle), torch.tan(shear)
    # From a place in the result to its place in the image; x and y are counted in half widths and heights.
    matrix = torch.stack(
        [
            torch.stack([cosine, (cosine * slant + sine) * height / width], dim=1),
            torch.stack([-sine * width / height, cosine - sine * slant], dim=1),
        ],
        dim=1,
    )
    theta = torch.cat([matrix / scale.view(-1, 1, 1), 2 * shift[:, :, None]], dim=2)
    size = [*images.shape[:2], *((height, width) if side is None else (side, side))]
    grid = functional.affine_grid(theta.to(images), size, align_corners=False)
    # Clamped because weights of a bilinear mean may add up to a hair more than 1.
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False).clamp(0, 1)


def random_crop(images: Tensor, crop: int, generator: Generator) -> Tensor:
    """Cut a square of `crop` pixels from each image, each from a place of its own."""
    height, width = images.shape[2:]
    if crop == height == width:
        return images
    count = len(images)
    top = torch.randint(height - crop + 1, (count, 1), generator=generator)
    left = torch.randint(width - crop + 1, (count, 1), generator=generator)
    rows = (top + torch.arange(crop)).to(images.device)
    columns = (left + torch.arange(crop)).to(images.device)
    image = torch.arange(count, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

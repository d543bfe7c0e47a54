"""Changes to whole batches of grey training pictures, on the device they lie on.

Every function takes pictures (n, channels, h, w) in 0..1 and a generator, and returns new ones.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from recognition.training.recipe import AugmentationPart


def augment(images: Tensor, part: AugmentationPart, crop: int, generator: Generator) -> Tensor:
    """Apply one recipe's changes, then a random crop of `crop` pixels a side."""
    if part.flip:
        images = flip(images, generator)
    if part.affine:
        images = affine(images, part, generator)
    images = random_crop(images, crop, generator)
    if part.light:
        images = relight(images, part, generator)
    if part.erase:
        images = erase(images, part, generator)
    return images


def flip(images: Tensor, generator: Generator) -> Tensor:
    """Mirror half of the pictures."""
    chosen = _chance(images, 0.5, generator)
    return torch.where(chosen, images.flip(3), images)


def affine(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Turn, shift and scale a share of the pictures; what comes from outside repeats the border."""
    count = len(images)
    angle = _between(count, math.radians(part.rotate_deg), generator)
    scale = 1 + _between(count, part.scale, generator)
    shift = torch.stack([_between(count, 2 * part.translate, generator) for _ in range(2)], dim=1)
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    matrix = torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)
    theta = torch.cat([matrix, shift[:, :, None]], dim=2).to(images.device)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    return torch.where(_chance(images, part.affine, generator), moved, images)


def random_crop(images: Tensor, crop: int, generator: Generator) -> Tensor:
    """Cut a square of `crop` pixels from each picture, each from a place of its own."""
    height, width = images.shape[2:]
    if crop == height == width:
        return images
    count = len(images)
    top = torch.randint(height - crop + 1, (count, 1), generator=generator)
    left = torch.randint(width - crop + 1, (count, 1), generator=generator)
    rows = (top + torch.arange(crop)).to(images.device)
    columns = (left + torch.arange(crop)).to(images.device)
    picture = torch.arange(count, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def relight(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Change brightness and contrast of a share of the pictures."""
    shape = (len(images), 1, 1, 1)
    contrast = 1 + _between(len(images), part.contrast, generator).view(shape).to(images.device)
    brightness = _between(len(images), part.brightness, generator).view(shape).to(images.device)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    changed = ((images - mean) * contrast + mean + brightness).clamp(0, 1)
    return torch.where(_chance(images, part.light, generator), changed, images)


def erase(images: Tensor, part: AugmentationPart, generator: Generator) -> Tensor:
    """Cover a rectangle of a share of the pictures with noise (random erasing, Zhong et al. 2020)."""
    count, _, height, width = images.shape
    low, high = part.erase_area
    area = low + (high - low) * torch.rand(count, generator=generator)
    ratio = torch.exp(_between(count, math.log(3), generator))
    box_height = (torch.sqrt(area * ratio) * height).clamp(max=height)
    box_width = (torch.sqrt(area / ratio) * width).clamp(max=width)
    top = torch.rand(count, generator=generator) * (height - box_height)
    left = torch.rand(count, generator=generator) * (width - box_width)
    rows, columns = torch.arange(height)[None], torch.arange(width)[None]
    inside_rows = (rows >= top[:, None]) & (rows < (top + box_height)[:, None])
    inside_columns = (columns >= left[:, None]) & (columns < (left + box_width)[:, None])
    inside = (inside_rows[:, :, None] & inside_columns[:, None, :])[:, None].to(images.device)
    noise = torch.rand(images.shape, generator=generator).to(images.device)
    return torch.where(inside & _chance(images, part.erase, generator), noise, images)


def _chance(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Choose a share of the pictures: (n, 1, 1, 1) of truth values."""
    return (torch.rand(len(images), 1, 1, 1, generator=generator) < share).to(images.device)


def _between(count: int, limit: float, generator: Generator) -> Tensor:
    """Draw (count,) numbers evenly from -limit to limit."""
    return (2 * torch.rand(count, generator=generator) - 1) * limit

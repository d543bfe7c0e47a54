"""Images for the tests of augmentation, and what they share."""

from typing import Any

import numpy as np
import torch
from hypothesis import settings
from torch import Generator, Tensor

from recognition.types import UInt8Array

FAST = settings(max_examples=25, deadline=None)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def noise(count: int, channels: int, side_px: int, seed: int = 0) -> Tensor:
    return torch.rand(count, channels, side_px, side_px, generator=seeded(seed))


def landscape(height: int, width: int) -> UInt8Array:
    """A smooth RGB image with one hard edge, as photographs have both."""
    rows, columns = np.mgrid[:height, :width]
    waves = [
        127 + 90 * np.sin(rows / 9 + columns / 13),
        127 + 90 * np.cos(columns / 11),
        127 + 90 * np.sin(rows / 17 - columns / 7),
    ]
    image = np.stack(waves, axis=2)
    image[height // 3 : height // 2, width // 4 : width // 2] = (230, 40, 60)
    return image.astype(np.uint8)


def as_batch(*images: UInt8Array) -> Tensor:
    stacked = torch.from_numpy(np.stack(images)).float() / 255
    return stacked[:, None] if stacked.ndim == 3 else stacked.permute(0, 3, 1, 2)


def as_pixels(images: Tensor) -> list[Any]:
    pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return [image.squeeze(-1) if image.shape[-1] == 1 else image for image in pixels]

"""JPEG's loss: the rounding of 8 x 8 cosine blocks, for a complete batch at once and without any file."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from recognition.lab.training.augmentation.colour import LUMA

SIDE = 8
MIDDLE = 128
# ITU-T T.81, annex K.1: the tables for light and for color, row by row from the lowest frequency.
# fmt: off
LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)
CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
)
# fmt: on


def rounded_as_jpeg(images: Tensor, quality: Tensor) -> Tensor:
    """Return images (n, 1 or 3, h, w) as JPEG of `quality` (n,), 1..100, reproduces them.

    Color is kept at full size (4:4:4). A size that is no multiple of 8 is filled up by repeating the border.
    """
    pixels = images * 255 - MIDDLE
    if images.shape[1] == 1:
        rounded = _rounded_planes(pixels, _tables(quality, (LUMINANCE,)))
    else:
        # The middle is a gray, so it moves the light alone: colors are differences, about 0 anyway.
        forth = _light_and_colour(images)
        tables = _tables(quality, (LUMINANCE, CHROMINANCE, CHROMINANCE))
        planes = _rounded_planes(torch.einsum("oc,nchw->nohw", forth, pixels), tables)
        rounded = torch.einsum("oc,nchw->nohw", torch.linalg.inv(forth), planes)
    return ((rounded + MIDDLE) / 255).clamp(0, 1)


def _rounded_planes(planes: Tensor, tables: Tensor) -> Tensor:
    """Round the cosines of planes (n, c, h, w) in -128..127 in steps of `tables` (n, c, 64)."""
    count, channels, height, width = planes.shape
    padding = (0, -width % SIDE, 0, -height % SIDE)
    padded = functional.pad(planes, padding, mode="replicate")
    blocks = padded.unfold(2, SIDE, SIDE).unfold(3, SIDE, SIDE)
    rows, columns = blocks.shape[2:4]
    cosines = _cosines().to(planes)
    # Two products with one 64 x 64 matrix: tiny ones for each block would take far longer.
    spectrum = blocks.reshape(count, channels, rows * columns, SIDE * SIDE) @ cosines.T
    steps = tables.to(planes)[:, :, None, :]
    flat = ((spectrum / steps).round() * steps) @ cosines
    blocks = flat.view(count, channels, rows, columns, SIDE, SIDE).permute(0, 1, 2, 4, 3, 5)
    return blocks.reshape(count, channels, rows * SIDE, columns * SIDE)[:, :, :height, :width]


def _tables(quality: Tensor, tables: tuple[tuple[int, ...], ...]) -> Tensor:
    """The steps (n, c, 64) at each `quality` (n,), scaled as the Independent JPEG Group's encoder does."""
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    scaled = (torch.tensor(tables)[None] * percent[:, None, None] + 50) / 100
    return scaled.floor().clamp(1, 255)


def _cosines() -> Tensor:
    """The orthonormal cosines (64, 64) of a flat 8 x 8 block."""
    places = torch.arange(SIDE, dtype=torch.float64)
    waves = torch.cos((2 * places + 1) * places[:, None] * math.pi / (2 * SIDE)) * math.sqrt(2 / SIDE)
    waves[0] /= math.sqrt(2)
    return torch.kron(waves, waves)


def _light_and_colour(images: Tensor) -> Tensor:
    """The matrix (3, 3) from RGB to light and two differences of color (JFIF, these less their 128)."""
    red, green, blue = LUMA
    rows = [
        (red, green, blue),
        (-red / (2 - 2 * blue), -green / (2 - 2 * blue), 0.5),
        (0.5, -green / (2 - 2 * red), -blue / (2 - 2 * red)),
    ]
    return images.new_tensor(rows)

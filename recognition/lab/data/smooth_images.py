"""Generated images without content: gradients and blended patches that resemble walls and bokeh."""

import cv2
import numpy as np
from numpy.random import Generator

from recognition.types import FloatArray, UInt8Array

WIDTH, HEIGHT = 640, 480
MOST_PATCHES = 8  # a side
MOST_NOISE = 6.0  # standard deviation, of 255


def smooth_image(generator: Generator) -> UInt8Array:
    """Draw one image (480, 640, 3) BGR, half of them a slope in any direction, half of them gray."""
    colours = _slope(generator) if generator.random() < 0.5 else _patches(generator)
    if generator.random() < 0.5:
        colours = colours[..., :1].repeat(3, axis=2)
    noise = generator.normal(0, generator.uniform(0, MOST_NOISE), colours.shape)
    return (colours * 255 + noise).clip(0, 255).astype(np.uint8)


def _slope(generator: Generator) -> FloatArray:
    """From one color on one side to another on the other, evenly or not."""
    angle = generator.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    along = x * np.cos(angle) + y * np.sin(angle)
    share = (along - along.min()) / np.ptp(along)
    share = share[..., None] ** generator.uniform(0.5, 2)
    ends = _contrasting(generator, (2, 3))
    return np.asarray(ends[0] + share * (ends[1] - ends[0]), np.float32)


def _patches(generator: Generator) -> FloatArray:
    rows, columns = generator.integers(2, MOST_PATCHES + 1, 2)
    few = _contrasting(generator, (rows, columns, 3))
    return np.asarray(cv2.resize(few, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)


def _contrasting(generator: Generator, shape: tuple[int, ...]) -> FloatArray:
    """Values in 0..1, more of them near the ends than even ones would be."""
    return generator.beta(0.5, 0.5, shape).astype(np.float32)

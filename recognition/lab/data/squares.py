"""Reads files as squares of pixels, many at a time."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.errors import ImageUnreadable
from recognition.images.decoding import read_image_bgr, resize_square, square_image
from recognition.types import UInt8Array

THREADS = min(os.cpu_count() or 1, 8)  # decoding leaves Python's lock, so threads are enough


def square_images(gray: UInt8Array, size_px: int, channels: int) -> UInt8Array:
    """Scale gray images (n, h, w) as `square_image` does; the same array where nothing changes."""
    if gray.shape[1:] != (size_px, size_px):
        scaled = np.empty((len(gray), size_px, size_px), np.uint8)
        for number, image in enumerate(gray):
            scaled[number] = resize_square(image, size_px)
        gray = scaled
    return gray if channels == 1 else np.repeat(gray[..., np.newaxis], 3, axis=3)


def read_images(
    files: Sequence[Path], size_px: int, channels: int
) -> tuple[UInt8Array, npt.NDArray[np.bool_], tuple[str, ...]]:
    """Read files into squares, on several threads.

    Returns the images that could be read, the mask (files,) of them, and one line for each other file.
    """
    shape = (size_px, size_px) if channels == 1 else (size_px, size_px, 3)
    images = np.empty((len(files), *shape), np.uint8)
    with ThreadPoolExecutor(THREADS) as threads:
        troubles = list(threads.map(_reader(images, size_px, channels), range(len(files)), files))
    readable = np.array([trouble is None for trouble in troubles], np.bool_)
    lines = tuple(f"{file}: {why}" for file, why in zip(files, troubles, strict=True) if why is not None)
    return (images[readable] if lines else images), readable, lines


def _reader(images: UInt8Array, size_px: int, channels: int) -> Callable[[int, Path], str | None]:
    def read(number: int, file: Path) -> str | None:
        try:
            image = read_image_bgr(file)
        except ImageUnreadable as error:
            return str(error)
        images[number] = square_image(image, size_px, channels)
        return None

    return read

"""The effects of a webcam and a detector on a face crop, applied to crops with known labels."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from recognition.types import UInt8Array

# One image, gray (h, w) or RGB (h, w, 3) -> the changed one, of the same size.
Change = Callable[[UInt8Array], UInt8Array]

BLUR_SHARE = 1 / 48  # the Gaussian's deviation in sides of the image
SHIFT_SHARE = 0.08


def blurred(image: UInt8Array) -> UInt8Array:
    """Put it out of focus."""
    return _pixels(cv2.GaussianBlur(image, (0, 0), BLUR_SHARE * image.shape[0]))


def as_jpeg(image: UInt8Array, quality: int) -> UInt8Array:
    """Compress it."""
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return _pixels(cv2.imdecode(coded, cv2.IMREAD_UNCHANGED))


def shrunk(image: UInt8Array, share: float) -> UInt8Array:
    """Scale it down to a share of its sides and up again, as if taken from further away."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def relit(image: UInt8Array, share: float, more: float = 0.0) -> UInt8Array:
    """Scale its brightness by a share, and add an offset."""
    return _pixels(np.clip(image * share + more, 0, 255))


def moved(image: UInt8Array, degrees: float = 0.0, scale: float = 1.0, across: float = 0.0) -> UInt8Array:
    """Turn it clockwise, scale it about its middle and move it to the right; its border goes on outside."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, scale)
    matrix[0, 2] += across * width
    return _pixels(
        cv2.warpAffine(
            image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    )


CHANGES: dict[str, Change] = {
    "blurred": blurred,
    "JPEG of quality 30": partial(as_jpeg, quality=30),
    "half of the resolution": partial(shrunk, share=1 / 2),
    "a third of the resolution": partial(shrunk, share=1 / 3),
    "dark": partial(relit, share=0.35),
    "bright": partial(relit, share=1.5, more=20.0),
    "turned 15 degrees right": partial(moved, degrees=15.0),
    "turned 15 degrees left": partial(moved, degrees=-15.0),
    "shifted right": partial(moved, across=SHIFT_SHARE),
    "shifted left": partial(moved, across=-SHIFT_SHARE),
    "crop 10 % tighter": partial(moved, scale=1 / 0.9),
    "crop 25 % looser": partial(moved, scale=1 / 1.25),
}


def _pixels(image: object) -> UInt8Array:
    return np.asarray(image, np.uint8)

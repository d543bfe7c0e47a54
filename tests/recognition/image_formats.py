"""Images in the formats that OpenCV does not write, or writes without transparency."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

ORIENTATION_TAG = 0x0112
RED, BLUE = (220, 30, 40), (30, 40, 220)


def two_colours(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Return an image, a third of it red on the left, the rest blue; with transparency the rest is clear."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 3, height))
    if mode == "RGB":
        return image
    opacity = Image.new("L", (width, height), 0)
    opacity.paste(255, (0, 0, width // 3, height))
    image.putalpha(opacity)
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the image's file in a format that Pillow or pillow-heif writes."""
    file = BytesIO()
    if kind == "heic":
        pillow_heif.from_pillow(image).save(file, quality=90, **options)
    else:
        image.save(file, kind.upper(), **options)
    return file.getvalue()


def moving(kind: str, frames: int = 3) -> bytes:
    """Return an animation that starts red and goes on in blue."""
    first, *others = [Image.new("RGB", (48, 32), colour) for colour in (RED, *[BLUE] * (frames - 1))]
    return written(first, kind, save_all=True, append_images=others, duration=100)


def turned_by_tag(kind: str, orientation: int, width: int = 120, height: int = 80) -> bytes:
    """Return an image with an orientation; HEIC and AVIF files get it as irot and imir."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return written(two_colours(width, height), kind, exif=exif.tobytes())


def colour_at(image_bgr: np.ndarray, across: float, down: float = 0.5) -> tuple[int, int, int]:
    """Return the RGB colour at a place in fractions of the image."""
    height, width = image_bgr.shape[:2]
    blue, green, red = image_bgr[int(down * height), int(across * width)]
    return int(red), int(green), int(blue)

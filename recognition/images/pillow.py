"""Decodes what OpenCV cannot decode correctly: GIF, AVIF, HEIC, and anything that may be transparent.

Pillow is imported with the first such image: a site that only receives JPEGs never loads it.
"""

import sys
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import numpy.typing as npt

from recognition.errors import ImageFormatUnknown, ImageTooLarge, ImageUnreadable
from recognition.types import UInt8Array

if TYPE_CHECKING:
    from PIL.Image import Image

# Behind transparent pixels: analyzed images are usually printed and shown on white.
BACKGROUND = 255
# Composited in strips, so that a large image is in memory once beside its result.
STRIP_ROWS = 512
# Pillow clips these to 8 bits; as arrays, the rule for arrays covers them.
DEEP_MODES = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
# Pillow raises what its readers stumble over, according to its documentation and to mutated files.
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    EOFError,
    ArithmeticError,
    TypeError,
    RuntimeError,
    # ultralytics, once imported, replaces Image.open: for unreadable data it imports a plugin.
    ImportError,
)


def heic_can_be_read() -> bool:
    """Return whether the HEIC decoder is installed, without importing it."""
    return find_spec("pillow_heif") is not None


def decode_with_pillow_bgr(data: bytes, kind: str, max_pixels: int) -> UInt8Array:
    """Decode the first frame to (h, w, 3) BGR, turned as it says, transparent pixels on white.

    `kind`: as `image_kind` gives it. Raises ImageUnreadable; ImageTooLarge over `max_pixels`, before any
    decoding; ImageFormatUnknown for HEIC where its decoder is not installed.
    """
    from PIL import Image

    try:
        image = _opened_heic(data) if kind == "heic" else Image.open(BytesIO(data), formats=[kind.upper()])
        if image.width * image.height > max_pixels:
            raise ImageTooLarge(
                f"The image has {image.width} x {image.height} pixels; {max_pixels} are allowed."
            )
        return _composited_bgr(_upright(image))
    except (*_UNREADABLE, Image.DecompressionBombError) as error:
        raise ImageUnreadable(f"The image cannot be decoded; send a complete {kind.upper()} file.") from error


def is_pillow_image(image: object) -> "TypeGuard[Image]":
    """Return whether `image` is a PIL image, without importing Pillow: before its import, there is none."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(image, pillow.Image)


def pillow_array_bgr(image: "Image") -> npt.NDArray[np.generic]:
    """Return a PIL image's current frame as a BGR array, rotated by its orientation tag, on white.

    Modes of more than 8 bits per pixel keep their values: (h, w), gray. Raises ImageUnreadable where its file
    is truncated or closed.
    """
    try:
        upright = _upright(image)
        return np.asarray(upright) if upright.mode in DEEP_MODES else _composited_bgr(upright)
    except _UNREADABLE as error:
        raise ImageUnreadable(f"The PIL image cannot be read ({error}).") from error


def _opened_heic(data: bytes) -> "Image":
    if not heic_can_be_read():
        raise ImageFormatUnknown(
            "HEIC images need the package pillow-heif, which is not installed; install it or send a JPEG."
        )
    import pillow_heif

    # Without registering a plugin: what Pillow opens elsewhere stays as it is.
    image = pillow_heif.open_heif(BytesIO(data)).to_pillow()
    # libheif has turned it; an orientation tag beside is for information alone (ISO 23008-12, 6.5.10).
    image.getexif().clear()
    image.info.pop("exif", None)
    return image


def _upright(image: "Image") -> "Image":
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _composited_bgr(image: "Image") -> UInt8Array:
    shown: Any = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    result = np.empty((shown.height, shown.width, 3), np.uint8)
    for top in range(0, shown.height, STRIP_ROWS):
        strip = np.asarray(shown.crop((0, top, shown.width, min(top + STRIP_ROWS, shown.height))))
        result[top : top + STRIP_ROWS] = on_background(strip)[:, :, ::-1]
    return result


def on_background(image: UInt8Array) -> UInt8Array:
    """Lay (h, w, 4), opacity last, on white: (h, w, 3), colors in the same order; (h, w, 3) stays."""
    if image.shape[2] == 3:
        return image
    opacity = image[:, :, 3:].astype(np.uint16)
    colours = image[:, :, :3].astype(np.uint16)
    return ((colours * opacity + BACKGROUND * (255 - opacity) + 127) // 255).astype(np.uint8)

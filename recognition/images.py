"""Bytes to arrays: limits, orientation, and the squares that classifiers see.

Arrays are uint8; colour order stands in the names.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from recognition.errors import ImageTooLarge, ImageUnreadable
from recognition.picture_headers import JPEG_END, PictureHeader, read_jpeg_size, read_picture_header
from recognition.types import Box, UInt8Array

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
MAX_PICTURE_PIXELS = 50_000_000

# A still picture is decoded reduced as far as its longer side keeps so many pixels: enough for a small face.
STILL_LEAST_SIDE = 1920
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """A decoded picture (h, w, 3) BGR, perhaps reduced, and the whole one's size in pixels; both turned."""

    image_bgr: UInt8Array
    width: int
    height: int


def decode_live_jpeg_bgr(data: bytes, width: int, height: int, max_side: int) -> UInt8Array:
    """Decode a live frame to (height, width, 3) BGR, orientation tags ignored.

    Raises ImageUnreadable where it is cut short or its size is not width x height, ImageTooLarge (before any
    decoding) where a side is over `max_side`.
    """
    wide, tall = read_jpeg_size(data)
    if max(wide, tall) > max_side:
        raise ImageTooLarge(f"The frame is {wide} x {tall}; send at most {max_side} pixels a side.")
    if (wide, tall) != (width, height) or not width or not height:
        raise ImageUnreadable(f"The frame is {wide} x {tall}, its header says {width} x {height}.")
    # Without its end marker a JPEG still decodes, to a picture that is grey from where it was cut.
    if data.rfind(JPEG_END) < 0:
        raise ImageUnreadable("The JPEG is cut short; send it whole.")
    return _decode_bgr(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def read_picture_bgr(file: Path) -> UInt8Array:
    """Decode a JPEG, PNG, WebP, BMP or TIFF file to (h, w, 3) BGR, turned as its orientation tag says.

    Raises ImageUnreadable, naming what is wrong; ImageTooLarge over 50 megapixels, before any decoding.
    """
    return decode_picture_bgr(_file_bytes(file))


def decode_picture_bgr(data: bytes) -> UInt8Array:
    """Decode a picture's bytes as `read_picture_bgr` does."""
    _checked_header(data)
    return _decode_bgr(data, cv2.IMREAD_COLOR)


def read_still(file: Path) -> StillPicture:
    """Decode a picture file as `decode_still` does its bytes."""
    return decode_still(_file_bytes(file))


def decode_still(data: bytes) -> StillPicture:
    """Decode a picture's bytes to look at it once: turned as its orientation tag says, large ones reduced.

    Raises what `read_picture_bgr` raises.
    """
    header = _checked_header(data)
    reduction = _reduction(header)
    image = _decode_bgr(data, _REDUCED[reduction])
    height, width = image.shape[:2]
    if reduction == 1:
        return StillPicture(image, width, height)
    straight = abs(width - header.width / reduction) < 1 and abs(height - header.height / reduction) < 1
    if straight:
        return StillPicture(image, header.width, header.height)
    return StillPicture(image, header.height, header.width)


def _reduction(header: PictureHeader) -> int:
    """How many times smaller the picture may be decoded."""
    longer = max(header.width, header.height)
    reduction = max(factor for factor in _REDUCED if factor == 1 or longer >= factor * STILL_LEAST_SIDE)
    # Reduced, a picture that is almost square could not be distinguished from the same one turned.
    sides_differ = abs(header.width - header.height)
    return 1 if 0 < sides_differ < 2 * reduction else reduction


def _checked_header(data: bytes) -> PictureHeader:
    header = read_picture_header(data)
    if header.width * header.height > MAX_PICTURE_PIXELS:
        raise ImageTooLarge(
            f"The picture has {header.width} x {header.height} pixels; 50 megapixels are allowed."
        )
    return header


def _file_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ImageUnreadable(f"The file cannot be read ({error.strerror}).") from error


def _decode_bgr(data: bytes, flags: int) -> UInt8Array:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageUnreadable(
            "The picture cannot be decoded; send a whole JPEG, PNG, WebP, BMP or TIFF."
        ) from error
    if image is None:
        raise ImageUnreadable("The picture cannot be decoded; send a whole JPEG, PNG, WebP, BMP or TIFF.")
    return np.asarray(image, dtype=np.uint8)


def crop_square(
    image_bgr: UInt8Array, box: Box, margin: float, side_px: int, channels: int = 1
) -> UInt8Array:
    """Cut the square around a face and scale it: (side_px, side_px) grey, or (side_px, side_px, 3) RGB.

    The square is centred on the box; its side is the box's longer side, grown by the share `margin`.
    What lies outside the picture repeats its border.
    """
    height, width = image_bgr.shape[:2]
    center_x, center_y = box.center
    side = max(round(max(box.w * width, box.h * height) * (1 + margin)), 1)
    left, top = round(center_x * width - side / 2), round(center_y * height - side / 2)
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + side, width), min(top + side, height)
    if x2 <= x1 or y2 <= y1:
        return np.zeros((side_px, side_px) if channels == 1 else (side_px, side_px, channels), np.uint8)
    colours = cv2.COLOR_BGR2GRAY if channels == 1 else cv2.COLOR_BGR2RGB
    part = cv2.cvtColor(image_bgr[y1:y2, x1:x2], colours)
    if (x2 - x1, y2 - y1) != (side, side):
        borders = (y1 - top, top + side - y2, x1 - left, left + side - x2)
        part = cv2.copyMakeBorder(part, *borders, borderType=cv2.BORDER_REPLICATE)
    interpolation = cv2.INTER_AREA if side > side_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (side_px, side_px), interpolation=interpolation), dtype=np.uint8)


def square_picture(image_bgr: UInt8Array, size_px: int, channels: int) -> UInt8Array:
    """Scale a BGR picture to (size_px, size_px) grey or (size_px, size_px, 3) RGB; oblongs are stretched."""
    if channels == 1:
        return resize_square(np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY), np.uint8), size_px)
    return np.asarray(cv2.cvtColor(resize_square(image_bgr, size_px), cv2.COLOR_BGR2RGB), np.uint8)


def resize_square(image: UInt8Array, size_px: int) -> UInt8Array:
    """Scale (h, w) or (h, w, channels) to a square; the same array where nothing changes."""
    if image.shape[:2] == (size_px, size_px):
        return image
    interpolation = cv2.INTER_AREA if max(image.shape[:2]) > size_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size_px, size_px), interpolation=interpolation), np.uint8)

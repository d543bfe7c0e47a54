"""Bytes to arrays: sizes read before decoding, orientation, and the square crops that classifiers see.

Arrays are uint8; colour order stands in the names.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from recognition.errors import ImageTooLarge, ImageUnreadable
from recognition.types import Box, UInt8Array

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
MAX_PICTURE_PIXELS = 50_000_000

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
# Frame headers of all JPEG processes: C0..CF without the Huffman, arithmetic and extension markers.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN_MARKER = 0xDA
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class JpegSize:
    """A JPEG's size in pixels as stored, orientation tags ignored."""

    width: int
    height: int


def read_jpeg_size(data: bytes) -> JpegSize:
    """Read width and height from a JPEG's header, without decoding; raise ImageUnreadable without them."""
    if not data.startswith(_JPEG_START):
        raise ImageUnreadable("The frame is not a JPEG; send JPEG bytes after the header.")
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xFF or marker in _STANDALONE_MARKERS:
            position += 1 if marker == 0xFF else 2
            continue
        if marker == _SCAN_MARKER:
            break
        if marker in _FRAME_MARKERS and position + 9 <= len(data):
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            width = int.from_bytes(data[position + 7 : position + 9], "big")
            return JpegSize(width, height)
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    raise ImageUnreadable("The JPEG has no size in its header; send a whole JPEG.")


def decode_live_jpeg_bgr(data: bytes, width: int, height: int, max_side: int) -> UInt8Array:
    """Decode a live frame to (height, width, 3) BGR, orientation tags ignored.

    Raises ImageUnreadable where it is cut short or its size is not width x height, ImageTooLarge (before any
    decoding) where a side is over `max_side`.
    """
    size = read_jpeg_size(data)
    if max(size.width, size.height) > max_side:
        raise ImageTooLarge(
            f"The frame is {size.width} x {size.height}; send at most {max_side} pixels a side."
        )
    if (size.width, size.height) != (width, height) or not width or not height:
        raise ImageUnreadable(
            f"The frame is {size.width} x {size.height}, its header says {width} x {height}."
        )
    # Without its end marker a JPEG still decodes, to a picture that is grey from where it was cut.
    if data.rfind(_JPEG_END) < 0:
        raise ImageUnreadable("The JPEG is cut short; send it whole.")
    return _decode_bgr(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def read_picture_bgr(file: Path) -> UInt8Array:
    """Decode a picture file (JPEG, PNG, WebP, BMP) to (h, w, 3) BGR, turned as its orientation tag says.

    Raises ImageUnreadable, naming what is wrong; ImageTooLarge over 50 megapixels.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ImageUnreadable(f"The file cannot be read ({error.strerror}).") from error
    return decode_picture_bgr(data)


def decode_picture_bgr(data: bytes) -> UInt8Array:
    """Decode a picture's bytes as `read_picture_bgr` does."""
    if not data:
        raise ImageUnreadable("The file is empty.")
    if data.startswith(_JPEG_START):
        size = read_jpeg_size(data)
        if size.width * size.height > MAX_PICTURE_PIXELS:
            raise ImageTooLarge(
                f"The picture has {size.width} x {size.height} pixels; 50 megapixels are allowed."
            )
        if data.rfind(_JPEG_END) < 0:
            raise ImageUnreadable("The JPEG is cut short.")
    image = _decode_bgr(data, cv2.IMREAD_COLOR)
    if image.shape[0] * image.shape[1] > MAX_PICTURE_PIXELS:
        raise ImageTooLarge(
            f"The picture has {image.shape[1]} x {image.shape[0]} pixels; 50 megapixels are allowed."
        )
    return image


def _decode_bgr(data: bytes, flags: int) -> UInt8Array:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageUnreadable(
            "The picture cannot be decoded; send a whole JPEG, PNG, WebP or BMP."
        ) from error
    if image is None:
        raise ImageUnreadable("The picture cannot be decoded; send a whole JPEG, PNG, WebP or BMP.")
    return np.asarray(image, dtype=np.uint8)


def crop_square_gray(image_bgr: UInt8Array, box: Box, margin: float, side_px: int) -> UInt8Array:
    """Cut the square around a face and scale it: (side_px, side_px) grey.

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
        return np.zeros((side_px, side_px), np.uint8)
    gray = cv2.cvtColor(image_bgr[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY)
    if (x2 - x1, y2 - y1) != (side, side):
        borders = (y1 - top, top + side - y2, x1 - left, left + side - x2)
        gray = cv2.copyMakeBorder(gray, *borders, borderType=cv2.BORDER_REPLICATE)
    interpolation = cv2.INTER_AREA if side > side_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (side_px, side_px), interpolation=interpolation), dtype=np.uint8)

"""Decodes bytes to arrays: limits, orientation, and the squares that classifiers use.

Arrays are uint8; names contain the color order.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from recognition.errors import ImageFormatUnknown, ImageTooLarge, ImageUnreadable
from recognition.folders import extra_image_formats_allowed
from recognition.images.headers import (
    FORMATS,
    JPEG_END,
    ImageHeader,
    image_kind,
    read_image_header,
    read_jpeg_size,
)
from recognition.images.pillow import decode_with_pillow_bgr, heic_can_be_read, on_background
from recognition.options import DEFAULT_DETAIL
from recognition.types import Box, Color, UInt8Array

IMAGE_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff"),
        *(".gif", ".heic", ".heif", ".hif", ".avif"),
    }
)
# An operator may switch off the decoders of the extra ones.
ALL_KINDS = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic"})
EXTRA_FORMATS = frozenset({"avif", "heic"})
MAX_IMAGE_PIXELS = 50_000_000

# Decoded reduced, an image keeps at least so many pixels: the longer side for a fast pass, else all.
STILL_LEAST_SIDE = 1920
STILL_PIXELS = 12_000_000
# The brightest pixel of an array that uses 16 bits is at least this; 12 bits reach 4095.
_LEAST_UINT16_WHITE = 4096
# What may stand behind a JPEG without end marker, to see whether it changes the image; no marker is in it.
_OTHER_ENDS = (b"\x55" * 64, b"\xaa" * 64)
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass(frozen=True, slots=True, eq=False)
class StillImage:
    """A decoded image (h, w, 3) BGR, perhaps reduced, and the whole one's size in pixels; both turned.

    `notes`: what to know of it, as codes: `first_frame` where the file has further frames.
    """

    image_bgr: UInt8Array
    width: int
    height: int
    notes: tuple[str, ...] = ()


def decode_live_jpeg_bgr(data: bytes, width: int, height: int, max_side: int) -> UInt8Array:
    """Decode a live frame to (height, width, 3) BGR, orientation tags ignored.

    Raises ImageUnreadable where it is truncated or its size is not width x height, ImageTooLarge (before any
    decoding) where a side is over `max_side`.
    """
    wide, tall = read_jpeg_size(data)
    if max(wide, tall) > max_side:
        raise ImageTooLarge(f"The frame is {wide} x {tall}; send at most {max_side} pixels a side.")
    if (wide, tall) != (width, height) or not width or not height:
        raise ImageUnreadable(f"The frame is {wide} x {tall}, its header says {width} x {height}.")
    # Without its end marker a JPEG still decodes, to an image that is gray from where it was cut.
    if data.rfind(JPEG_END) < 0:
        raise ImageUnreadable("The JPEG is truncated; send the complete file.")
    return _decode_bgr(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def read_image_bgr(file: Path) -> UInt8Array:
    """Decode an image file to (h, w, 3) BGR: the first frame, turned as it says, transparent pixels on white.

    Raises ImageUnreadable, naming what is wrong; ImageTooLarge over 50 megapixels, before any decoding.
    """
    return decode_image_bgr(_file_bytes(file))


def decode_image_bgr(data: bytes) -> UInt8Array:
    """Decode an image's bytes as `read_image_bgr` does."""
    return _decoded_bgr(data, _checked_header(data, extra_image_formats_allowed()))


def read_still(file: Path, detail: str = DEFAULT_DETAIL) -> StillImage:
    """Decode an image file as `decode_still` does its bytes."""
    return decode_still(_file_bytes(file), detail)


def decode_still(
    data: bytes, detail: str = DEFAULT_DETAIL, *, extra_formats: bool | None = None
) -> StillImage:
    """Decode an image's bytes for one pass, as `read_image_bgr` does, large ones reduced.

    `detail`: how closely it is searched, one of `DETAILS`; this says how many pixels are kept.
    `extra_formats`: whether AVIF and HEIC are read, by default as `EXTRA_IMAGE_FORMATS` says. Raises what
    `read_image_bgr` raises; TypeError where `data` is not bytes.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"expected the bytes of an image file, got {type(data).__name__}")
    allowed = extra_image_formats_allowed() if extra_formats is None else extra_formats
    header = _checked_header(data, allowed)
    reduction = _reduction(header, detail)
    image = _decoded_bgr(data, header, reduction)
    height, width = image.shape[:2]
    whole = _whole_size(header, width, height, reduction)
    notes = ("first_frame",) if header.moving else ()
    return StillImage(_at_most_still_pixels(image), *whole, notes)


def still_of_bgr(image_bgr: UInt8Array) -> StillImage:
    """Return an already decoded image, reduced where `decode_still` would reduce it."""
    height, width = image_bgr.shape[:2]
    return StillImage(_at_most_still_pixels(image_bgr), width, height)


def readable_kinds(*, extra_formats: bool) -> frozenset[str]:
    """Return the kinds of images, as `image_kind` names them, whose decoders are here and switched on."""
    kinds = ALL_KINDS if extra_formats else ALL_KINDS - EXTRA_FORMATS
    return kinds if heic_can_be_read() else kinds - {"heic"}


def _whole_size(header: ImageHeader, width: int, height: int, reduction: int) -> tuple[int, int]:
    """The size of the image that was decoded to width x height: as it is stored, or turned."""
    if reduction == 1:
        return width, height
    straight = abs(width - header.width / reduction) < 1 and abs(height - header.height / reduction) < 1
    return (header.width, header.height) if straight else (header.height, header.width)


def _reduction(header: ImageHeader, detail: str) -> int:
    """How many times smaller the image may be decoded; 1 where its decoder cannot."""
    if header.transparent:
        return 1
    if detail == "fast":
        most = max(header.width, header.height) / STILL_LEAST_SIDE
    else:
        most = math.sqrt(header.width * header.height / STILL_PIXELS)
    reduction = max(factor for factor in _REDUCED if factor == 1 or factor <= most)
    # Reduced, an image that is almost square could not be distinguished from the same one turned.
    sides_differ = abs(header.width - header.height)
    return 1 if 0 < sides_differ < 2 * reduction else reduction


def _at_most_still_pixels(image_bgr: UInt8Array) -> UInt8Array:
    """Shrink an image that has more pixels than are used."""
    height, width = image_bgr.shape[:2]
    scale = math.sqrt(STILL_PIXELS / (width * height))
    if scale >= 1:
        return image_bgr
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return np.asarray(cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _checked_header(data: bytes, extra_formats: bool) -> ImageHeader:
    if not extra_formats and image_kind(data) in EXTRA_FORMATS:
        raise ImageFormatUnknown(
            "AVIF and HEIC images are switched off here (EXTRA_IMAGE_FORMATS); send another format."
        )
    header = read_image_header(data)
    if header.width * header.height > MAX_IMAGE_PIXELS:
        raise ImageTooLarge(
            f"The image has {header.width} x {header.height} pixels; 50 megapixels are allowed."
        )
    return header


def _decoded_bgr(data: bytes, header: ImageHeader, reduction: int = 1) -> UInt8Array:
    if header.transparent:
        return decode_with_pillow_bgr(data, header.kind, MAX_IMAGE_PIXELS)
    if header.unended:
        data = _ended_jpeg(data)
    return _decode_bgr(data, _REDUCED[reduction])


def _ended_jpeg(data: bytes) -> bytes:
    """Return a JPEG that only lacks its end marker with one; raise ImageUnreadable where pixels are missing.

    Where every pixel is there, a decoder reads nothing behind them: whatever follows gives the same image.
    """
    data = data.removesuffix(JPEG_END[:1])
    ended = data + JPEG_END
    image = _decode_bgr(ended, cv2.IMREAD_COLOR)
    for other in _OTHER_ENDS:
        if not np.array_equal(image, _decode_bgr(data + other + JPEG_END, cv2.IMREAD_COLOR)):
            raise ImageUnreadable("The JPEG is truncated.")
    return ended


def _file_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ImageUnreadable(f"The file cannot be read ({error.strerror}).") from error


def _decode_bgr(data: bytes, flags: int) -> UInt8Array:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageUnreadable(f"The image cannot be decoded; send a complete one ({FORMATS}).") from error
    if image is None:
        raise ImageUnreadable(f"The image cannot be decoded; send a complete one ({FORMATS}).")
    return np.asarray(image, dtype=np.uint8)


def as_bgr(image: object, color: Color = "bgr") -> UInt8Array:
    """Return an image array as (h, w, 3) uint8 BGR; one that is that already as it is.

    `color`: the order of the given channels. Gray (h, w) or (h, w, 1) and a fourth channel of opacity
    (h, w, 4, laid on white) are converted; so are whole numbers from 0 to 255, uint16 over its full range,
    and floats from 0 to 1. Raises TypeError for anything but a numeric array, ValueError for another shape or
    range; the message says what is expected and what was given.
    """
    order = color.upper()
    if not isinstance(image, np.ndarray):
        raise TypeError(f"expected a NumPy array (h, w, 3) uint8 {order}, got {type(image).__name__}")
    shape_fits = image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3, 4))
    if not shape_fits or not image.size:
        raise ValueError(
            f"expected an image array (h, w, 3) {order}, (h, w, 4) {order}A or (h, w) gray with pixels, "
            f"got shape {image.shape}"
        )
    pixels = image if image.dtype == np.uint8 else _as_uint8(image)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    opaque = on_background(pixels) if pixels.shape[2] == 4 else pixels
    return opaque if color == "bgr" else np.ascontiguousarray(opaque[:, :, ::-1])


def _as_uint8(image: np.ndarray) -> UInt8Array:
    if image.dtype.kind not in "uif":
        raise TypeError(f"expected an image array of uint8, uint16 or floats, got {image.dtype}")
    low, high = float(image.min()), float(image.max())
    given = f"got {image.dtype} from {low:g} to {high:g}"
    if image.dtype.kind == "f":
        if not (low >= 0 and high <= 1):  # false for NaN too
            raise ValueError(f"expected floats from 0 to 1, {given}; scale them, or convert to uint8")
        return np.asarray(np.rint(image * 255), np.uint8)
    if image.dtype == np.uint16:
        # 8 or 12 bits in 16 would come out black.
        if high < _LEAST_UINT16_WHITE:
            raise ValueError(
                f"expected uint16 over its full range (0 to 65535), {given}; convert it to uint8"
            )
        return np.asarray(image >> 8, np.uint8)
    if low < 0 or high > 255:
        raise ValueError(f"expected whole numbers from 0 to 255, {given}; convert them to uint8")
    return image.astype(np.uint8)


def crop_square(
    image_bgr: UInt8Array, box: Box, margin: float, side_px: int, channels: int = 1
) -> UInt8Array:
    """Cut the square around a face and scale it: (side_px, side_px) gray, or (side_px, side_px, 3) RGB.

    The square is centered on the box; its side is the box's longer side, grown by the share `margin`.
    What lies outside the image repeats its border.
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


def square_image(image_bgr: UInt8Array, size_px: int, channels: int) -> UInt8Array:
    """Scale a BGR image to (size_px, size_px) gray or (size_px, size_px, 3) RGB; oblongs are stretched."""
    if channels == 1:
        return resize_square(np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY), np.uint8), size_px)
    return np.asarray(cv2.cvtColor(resize_square(image_bgr, size_px), cv2.COLOR_BGR2RGB), np.uint8)


def resize_square(image: UInt8Array, size_px: int) -> UInt8Array:
    """Scale (h, w) or (h, w, channels) to a square; the same array where nothing changes."""
    if image.shape[:2] == (size_px, size_px):
        return image
    interpolation = cv2.INTER_AREA if max(image.shape[:2]) > size_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size_px, size_px), interpolation=interpolation), np.uint8)

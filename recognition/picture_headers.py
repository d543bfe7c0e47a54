"""What a picture's leading bytes say, read without decoding: its kind and its size as stored."""

from dataclasses import dataclass
from typing import Final, Literal

from recognition.errors import ImageFormatUnknown, ImageUnreadable

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
# Frame headers of all JPEG processes: C0..CF without the Huffman, arithmetic and extension markers.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN_MARKER = 0xDA
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
# The oldest kind of BMP header, whose sides have two bytes each.
_SHORT_BMP_HEADER = 12
_TIFF_STARTS: Final[dict[bytes, Literal["little", "big"]]] = {b"II*\0": "little", b"MM\0*": "big"}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_SHORT = 256, 257, 3


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """A picture's kind, a key of `_SIZES`, and its size in pixels, orientation tags ignored."""

    kind: str
    width: int
    height: int


def picture_kind(data: bytes) -> str | None:
    """Tell a picture's kind by its leading bytes; None for anything that is not read here."""
    if data.startswith(JPEG_START):
        return "jpeg"
    if data.startswith(_PNG_START):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(tuple(_TIFF_STARTS)):
        return "tiff"
    return "bmp" if data.startswith(b"BM") else None


def read_picture_header(data: bytes) -> PictureHeader:
    """Read the header of a whole picture.

    Raises ImageUnreadable where it is empty, cut short or without a size; ImageFormatUnknown where it is
    no picture that is read here.
    """
    if not data:
        raise ImageUnreadable("The file is empty.")
    kind = picture_kind(data)
    if kind is None:
        raise ImageFormatUnknown("The file is not a JPEG, PNG, WebP, BMP or TIFF picture.")
    width, height = _SIZES[kind](data)
    if width < 1 or height < 1:
        raise ImageUnreadable("The picture has no size in its header; send a whole picture.")
    return PictureHeader(kind, width, height)


def read_jpeg_size(data: bytes) -> tuple[int, int]:
    """Read (width, height) from a JPEG's header, without decoding; raise ImageUnreadable without them."""
    if not data.startswith(JPEG_START):
        raise ImageUnreadable("The frame is not a JPEG; send JPEG bytes after the header.")
    size, _ = _walk_jpeg(data, to_scan=False)
    if size is None:
        raise ImageUnreadable("The JPEG has no size in its header; send a whole JPEG.")
    return size


def _walk_jpeg(data: bytes, *, to_scan: bool) -> tuple[tuple[int, int] | None, int]:
    """Give the size, if it stands before the first scan, and where the walk over the segments ended."""
    position, size = 2, None
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF or marker in _STANDALONE_MARKERS:
            position += 1 if marker == 0xFF else 2
            continue
        if marker == _SCAN_MARKER:
            break
        if marker in _FRAME_MARKERS and position + 9 <= len(data):
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            size = (int.from_bytes(data[position + 7 : position + 9], "big"), height)
            if not to_scan:
                break
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return size, position


def _jpeg_size(data: bytes) -> tuple[int, int]:
    size, scan = _walk_jpeg(data, to_scan=True)
    # Behind the scan: a small picture within the header has an end of its own. Without its end a JPEG still
    # decodes, to a picture that is grey from where it was cut.
    if size is None or data.rfind(JPEG_END) < scan:
        raise ImageUnreadable("The JPEG is cut short.")
    return size


def _png_size(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR" or data.rfind(_PNG_END) < 0:
        raise ImageUnreadable("The PNG is cut short.")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _webp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 30 or len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise ImageUnreadable("The WebP is cut short.")
    chunk = data[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    sides = (data[26:28], data[28:30])
    width, height = (int.from_bytes(side, "little") & 0x3FFF for side in sides)
    return width, height


def _bmp_size(data: bytes) -> tuple[int, int]:
    if int.from_bytes(data[14:18], "little") == _SHORT_BMP_HEADER:
        return int.from_bytes(data[18:20], "little"), int.from_bytes(data[20:22], "little")
    # A negative height says that the rows go downwards.
    width, height = (int.from_bytes(side, "little", signed=True) for side in (data[18:22], data[22:26]))
    return width, abs(height)


def _tiff_size(data: bytes) -> tuple[int, int]:
    # TIFF 6.0, section 2: the first directory has 12 bytes an entry; a side is a short or a long.
    order = _TIFF_STARTS[data[:4]]
    directory = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[directory : directory + 2], order)
    sides = {}
    for start in range(directory + 2, min(directory + 2 + 12 * entries, len(data)), 12):
        length = 2 if int.from_bytes(data[start + 2 : start + 4], order) == _TIFF_SHORT else 4
        sides[int.from_bytes(data[start : start + 2], order)] = int.from_bytes(
            data[start + 8 : start + 8 + length], order
        )
    return sides.get(_TIFF_WIDTH, 0), sides.get(_TIFF_HEIGHT, 0)


_SIZES: Final = {
    "jpeg": _jpeg_size,
    "png": _png_size,
    "webp": _webp_size,
    "bmp": _bmp_size,
    "tiff": _tiff_size,
}

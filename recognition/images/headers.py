"""Reads an image's header without decoding it: its format, its size as stored, its contents."""

from collections.abc import Iterator
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
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_EXTRA_SAMPLES, _TIFF_SHORT = 256, 257, 338, 3
_STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    "jpeg": (JPEG_START,),
    "png": (_PNG_START,),
    "tiff": tuple(_TIFF_STARTS),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
}
_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C
# Brands of ISO 23000-22: what an ISO base media file's first box names. A sequence moves.
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SEQUENCE_BRANDS = frozenset({b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis"})
# A box's children start after its version and flags, where it has them.
_BOXES_WITHIN = {b"meta": 4, b"iprp": 0, b"ipco": 0}
_BOX_HEAD = 8


FORMATS: Final = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """An image's kind, a key of `_SIZES`, and its size in pixels, orientation tags ignored.

    `moving`: it has several frames. `transparent`: its pixels may be. `unended`: a JPEG without its end
    marker, which may be truncated.
    """

    kind: str
    width: int
    height: int
    moving: bool = False
    transparent: bool = False
    unended: bool = False


def image_kind(data: bytes) -> str | None:
    """Return an image's kind by its leading bytes; None for anything that is not read here."""
    for kind, starts in _STARTS.items():
        if data.startswith(starts):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return _media_kind(_brands(data)) if data[4:8] == b"ftyp" else None


def _media_kind(brands: frozenset[bytes]) -> str | None:
    # Some name the container's brand alone in front, so all are checked.
    if brands & _AVIF_BRANDS:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else None


def _brands(data: bytes) -> frozenset[bytes]:
    """The major brand and the compatible ones."""
    end = min(int.from_bytes(data[:4], "big"), len(data), 256)
    return frozenset({data[8:12], *(data[start : start + 4] for start in range(16, end, 4))})


def read_image_header(data: bytes) -> ImageHeader:
    """Read the header of a complete image.

    Raises ImageUnreadable where it is empty, truncated or without a size; ImageFormatUnknown where it is
    no image that is read here.
    """
    if not data:
        raise ImageUnreadable("The file is empty.")
    kind = image_kind(data)
    if kind is None:
        raise ImageFormatUnknown(f"The file is not an image of a known format ({FORMATS}).")
    width, height = _SIZES[kind](data)
    if width < 1 or height < 1:
        raise ImageUnreadable("The image has no size in its header; send a complete image.")
    return ImageHeader(
        kind,
        width,
        height,
        moving=_moves(kind, data),
        transparent=_may_be_transparent(kind, data),
        unended=kind == "jpeg" and not _has_jpeg_end(data),
    )


def _moves(kind: str, data: bytes) -> bool:
    match kind:
        case "png":
            return b"acTL" in data[: _png_pixels(data)]
        case "webp":
            return data[12:16] == b"VP8X" and bool(data[20] & 0x02)
        case "gif":
            frames = _gif_frames(data)
            return next(frames, None) is not None and next(frames, None) is not None
        case "avif" | "heic":
            return bool(_brands(data) & _SEQUENCE_BRANDS)
        case _:
            return False


def _may_be_transparent(kind: str, data: bytes) -> bool:
    match kind:
        case "png":
            return data[25] in (4, 6) or b"tRNS" in data[: _png_pixels(data)]
        case "webp":
            extended = data[12:16] == b"VP8X" and bool(data[20] & 0x10)
            return extended or (data[12:16] == b"VP8L" and bool(data[24] & 0x10))
        case "tiff":
            return _TIFF_EXTRA_SAMPLES in _tiff_tags(data)
        case "bmp":
            return int.from_bytes(data[28:30], "little") == 32
        case _:
            return kind in ("gif", "avif", "heic")


def read_jpeg_size(data: bytes) -> tuple[int, int]:
    """Read (width, height) from a JPEG's header, without decoding; raise ImageUnreadable without them."""
    if not data.startswith(JPEG_START):
        raise ImageUnreadable("The frame is not a JPEG; send JPEG bytes after the header.")
    size, _ = _walk_jpeg(data, to_scan=False)
    if size is None:
        raise ImageUnreadable("The JPEG has no size in its header; send a complete JPEG.")
    return size


def _walk_jpeg(data: bytes, *, to_scan: bool) -> tuple[tuple[int, int] | None, int]:
    """Return the size, if it precedes the first scan, and where the walk over the segments ended."""
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
    if size is None or data[scan : scan + 2] != bytes((0xFF, _SCAN_MARKER)):
        raise ImageUnreadable("The JPEG is truncated.")
    return size


def _has_jpeg_end(data: bytes) -> bool:
    # Behind the scan: a small image within the header has an end of its own.
    return data.rfind(JPEG_END) >= _walk_jpeg(data, to_scan=True)[1]


def _png_size(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR" or data.rfind(_PNG_END) < 0:
        raise ImageUnreadable("The PNG is truncated.")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _png_pixels(data: bytes) -> int:
    """Where the pixels start: everything about how to display them precedes that."""
    return max(data.find(b"IDAT"), 0)


def _webp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 30 or len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise ImageUnreadable("The WebP is truncated.")
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
    tags = _tiff_tags(data)
    return tags.get(_TIFF_WIDTH, 0), tags.get(_TIFF_HEIGHT, 0)


def _tiff_tags(data: bytes) -> dict[int, int]:
    # TIFF 6.0, section 2: the first directory has 12 bytes an entry; a side is a short or a long.
    order = _TIFF_STARTS[data[:4]]
    directory = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[directory : directory + 2], order)
    tags = {}
    for start in range(directory + 2, min(directory + 2 + 12 * entries, len(data)), 12):
        length = 2 if int.from_bytes(data[start + 2 : start + 4], order) == _TIFF_SHORT else 4
        tags[int.from_bytes(data[start : start + 2], order)] = int.from_bytes(
            data[start + 8 : start + 8 + length], order
        )
    return tags


def _gif_size(data: bytes) -> tuple[int, int]:
    # A frame may reach over the screen that the header names; decoders then take the larger one.
    left, top, width, height = next(_gif_frames(data), (0, 0, 0, 0))
    if not width or not height:
        raise ImageUnreadable("The GIF is truncated.")
    screen = (int.from_bytes(side, "little") for side in (data[6:8], data[8:10]))
    return max(next(screen), left + width), max(next(screen), top + height)


def _gif_frames(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield each frame's left, top, width and height, as far as the blocks are complete."""
    position = 13 + _gif_colours(data[10:11])
    while position < len(data):
        block = data[position]
        if block == _GIF_EXTENSION:
            position = _gif_data_end(data, position + 2)
        elif block == _GIF_IMAGE and position + 10 <= len(data):
            descriptor = data[position + 1 : position + 9]
            left, top, width, height = (
                int.from_bytes(descriptor[start : start + 2], "little") for start in range(0, 8, 2)
            )
            yield left, top, width, height
            colours = _gif_colours(data[position + 9 : position + 10])
            position = _gif_data_end(data, position + 11 + colours)
        else:
            return


def _gif_colours(flags: bytes) -> int:
    """How many bytes a color table has; 0 where the flags name none."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _gif_data_end(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return position + 1


def _media_size(data: bytes) -> tuple[int, int]:
    # Thumbnails, tiles and masks are images of the file too: the largest is the one that is shown.
    sizes = list(_media_sizes(data, 0, len(data)))
    if not sizes:
        raise ImageUnreadable("The image has no size in its header; send it complete.")
    return max(sizes, key=lambda size: size[0] * size[1])


def _media_sizes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the size of each image of an ISO base media file (ISO 23008-12); raise where it is truncated."""
    while start + _BOX_HEAD <= end:
        length, name = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        head = _BOX_HEAD
        if length == 1:
            length, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        length = length or end - start  # 0: to the end
        if length < head or start + length > end:
            raise ImageUnreadable("The image is truncated; send the complete file.")
        inside = start + head
        if name in _BOXES_WITHIN:
            yield from _media_sizes(data, inside + _BOXES_WITHIN[name], start + length)
        elif name == b"ispe":
            yield (
                int.from_bytes(data[inside + 4 : inside + 8], "big"),
                int.from_bytes(data[inside + 8 : inside + 12], "big"),
            )
        start += length


_SIZES: Final = {
    "jpeg": _jpeg_size,
    "png": _png_size,
    "webp": _webp_size,
    "bmp": _bmp_size,
    "tiff": _tiff_size,
    "gif": _gif_size,
    "avif": _media_size,
    "heic": _media_size,
}

"""HEIC, AVIF and GIF, transparency, animations, JPEGs without an end: decoded, limited, refused in words."""

import random
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from recognition.errors import ImageFormatUnknown, ImageTooLarge, ImageUnreadable
from recognition.images import pillow
from recognition.images.decoding import decode_image_bgr, decode_live_jpeg_bgr, decode_still
from recognition.images.headers import image_kind, read_image_header
from tests.recognition.image_formats import BLUE, RED, colour_at, moving, turned_by_tag, two_colours, written

WHITE = (255, 255, 255)
PILLOW_KINDS = ("gif", "avif", "heic")


def near(found: tuple[int, int, int], expected: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("kind", PILLOW_KINDS)
def test_kind_and_size_are_read_without_decoding(kind: str) -> None:
    header = read_image_header(written(two_colours(128, 96), kind))
    assert (header.kind, header.width, header.height, header.moving) == (kind, 128, 96, False)


@pytest.mark.parametrize("kind", PILLOW_KINDS)
def test_it_is_decoded_to_bgr(kind: str) -> None:
    still = decode_still(written(two_colours(), kind))
    assert (still.width, still.height, still.notes) == (60, 40, ())
    assert near(colour_at(still.image_bgr, 0.1), RED)
    assert near(colour_at(still.image_bgr, 0.9), BLUE)


# Where the red third lies after turning: (across, down).
PLACES = {
    1: (0.1, 0.5),
    2: (0.9, 0.5),
    3: (0.9, 0.5),
    4: (0.1, 0.5),
    5: (0.5, 0.1),
    6: (0.5, 0.1),
    7: (0.5, 0.9),
}
PLACES[8] = (0.5, 0.9)


@pytest.mark.parametrize("orientation", PLACES)
@pytest.mark.parametrize("kind", ["heic", "avif", "webp", "png", "jpeg"])
def test_every_orientation_is_honoured_in_every_format(kind: str, orientation: int) -> None:
    image = decode_image_bgr(turned_by_tag(kind, orientation))
    assert image.shape[:2] == ((80, 120) if orientation < 5 else (120, 80))
    assert near(colour_at(image, *PLACES[orientation]), RED, by=30)
    across, down = PLACES[orientation]
    assert near(colour_at(image, 1 - across, 1 - down), BLUE, by=30)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("png", "RGBA", {}),
        ("png", "LA", {}),
        ("webp", "RGBA", {"lossless": True}),
        ("webp", "RGBA", {"lossless": False}),
        ("gif", "RGBA", {}),
        ("tiff", "RGBA", {}),
        ("avif", "RGBA", {}),
        ("heic", "RGBA", {}),
    ],
)
def test_transparent_pixels_are_white(kind: str, mode: str, options: dict[str, bool]) -> None:
    image = decode_image_bgr(written(two_colours(mode=mode), kind, **options))
    assert near(colour_at(image, 0.9), WHITE)
    assert not near(colour_at(image, 0.1), WHITE, by=60)


def test_a_bmp_with_transparency_is_on_white_too() -> None:
    bgra = np.zeros((20, 30, 4), np.uint8)
    assert near(colour_at(decode_image_bgr(cv2.imencode(".bmp", bgra)[1].tobytes()), 0.5), WHITE)


def test_a_palettes_transparent_colour_is_white() -> None:
    palette = two_colours().quantize(2)
    clear = int(np.asarray(palette)[20, 50])
    image = decode_image_bgr(written(palette, "png", transparency=clear))
    assert near(colour_at(image, 0.9), WHITE)
    assert near(colour_at(image, 0.1), RED, by=30)


def test_half_transparent_pixels_are_half_white() -> None:
    image = two_colours().copy()
    image.putalpha(128)
    assert near(colour_at(decode_image_bgr(written(image, "png")), 0.9), (142, 147, 237), by=3)


def test_a_grey_16_bit_png_with_a_transparent_value_is_read() -> None:
    grey = np.full((20, 30), 40_000, np.uint16)
    png = cv2.imencode(".png", grey)[1].tobytes()
    cut = png.index(b"IDAT") - 4
    chunk = b"tRNS" + struct.pack(">H", 7)
    checksum = struct.pack(">I", zlib.crc32(chunk))
    marked = png[:cut] + struct.pack(">I", 2) + chunk + checksum + png[cut:]
    assert decode_image_bgr(marked).shape == (20, 30, 3)


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "avif"])
def test_of_an_animation_the_first_frame_is_read_and_that_is_noted(kind: str) -> None:
    still = decode_still(moving(kind))
    assert still.notes == ("first_frame",)
    assert near(colour_at(still.image_bgr, 0.5), RED, by=30)


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_a_single_frame_is_no_animation(kind: str) -> None:
    assert decode_still(written(two_colours(), kind)).notes == ()


# Limits, before anything is decoded


def with_size(data: bytes, kind: str, width: int, height: int) -> bytes:
    """Let the header name another size."""
    changed = bytearray(data)
    if kind == "gif":
        frame = changed.index(b",")  # the image's own descriptor
        changed[frame + 5 : frame + 9] = struct.pack("<HH", width, height)
    else:
        start = changed.index(b"ispe") + 8
        changed[start : start + 8] = struct.pack(">II", width, height)
    return bytes(changed)


@pytest.mark.parametrize("kind", PILLOW_KINDS)
def test_too_many_pixels_are_refused_by_the_header_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow, "_composited_bgr", None)
    data = with_size(written(two_colours(), kind), kind, 20_000, 20_000)
    with pytest.raises(ImageTooLarge, match="20000 x 20000"):
        decode_still(data)


@pytest.mark.parametrize("kind", PILLOW_KINDS)
def test_cut_short_it_is_refused(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    data = written(Image.fromarray(noise), kind)
    for end in range(12, len(data) - 40, 97):
        with pytest.raises(ImageUnreadable):
            decode_still(data[:end])


# The switch


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_an_operator_may_switch_the_extra_formats_off(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(two_colours(), kind)
    with pytest.raises(ImageFormatUnknown, match="EXTRA_IMAGE_FORMATS"):
        decode_still(data, extra_formats=False)
    monkeypatch.setenv("EXTRA_IMAGE_FORMATS", "off")
    with pytest.raises(ImageFormatUnknown, match="switched off"):
        decode_still(data)
    assert decode_still(written(two_colours(), "gif")).width == 60


def test_without_pillow_heif_the_error_names_it_and_the_rest_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow, "heic_can_be_read", lambda: False)
    with pytest.raises(ImageFormatUnknown, match="pillow-heif"):
        decode_still(written(two_colours(), "heic"))
    assert decode_still(written(two_colours(), "avif")).width == 60


# A JPEG without its end marker


def noisy_jpeg(*options: int, width: int = 70, height: int = 50) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", noise, list(options))[1].tobytes()


JPEGS = {
    "baseline": noisy_jpeg(),
    "progressive": noisy_jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restart markers": noisy_jpeg(cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "one grey pixel": cv2.imencode(".jpg", np.zeros((1, 1), np.uint8))[1].tobytes(),
}


@pytest.mark.parametrize("what", JPEGS)
def test_a_jpeg_that_lacks_its_end_marker_alone_is_the_same_image(what: str) -> None:
    complete = JPEGS[what]
    expected = decode_image_bgr(complete)
    for end in (-2, -1):
        assert np.array_equal(decode_image_bgr(complete[:end]), expected)
        assert np.array_equal(decode_still(complete[:end]).image_bgr, expected)


@pytest.mark.parametrize("what", ["baseline", "progressive", "restart markers"])
def test_a_jpeg_that_lacks_pixels_too_is_refused(what: str) -> None:
    complete = JPEGS[what]
    for missing in (4, 5, 8, 40, 400):
        with pytest.raises(ImageUnreadable, match="truncated"):
            decode_image_bgr(complete[:-missing])


def test_a_live_frame_without_its_end_marker_is_refused() -> None:
    with pytest.raises(ImageUnreadable):
        decode_live_jpeg_bgr(JPEGS["baseline"][:-2], 70, 50, 1920)


# Mutated files


@pytest.mark.filterwarnings("ignore")  # Pillow warns of odd tags before it refuses a file
@pytest.mark.parametrize("kind", ["heic", "avif", "gif", "webp", "png", "tiff", "bmp", "jpeg"])
def test_mutated_files_are_read_or_refused_and_never_crash(kind: str) -> None:
    chance = random.Random(kind)
    mode = "RGB" if kind == "jpeg" else "RGBA"
    good = written(two_colours(mode=mode), kind)
    for _ in range(150):
        changed = bytearray(good)
        for _ in range(1 + chance.randrange(6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            still = decode_still(bytes(changed))
        except ImageUnreadable:
            continue
        assert still.image_bgr.dtype == np.uint8
        assert still.image_bgr.shape[2] == 3


@pytest.mark.parametrize("data", ["text", np.zeros((4, 4, 3), np.uint8), None, 3])
def test_what_is_not_bytes_is_a_type_error_that_says_what_is_expected(data: object) -> None:
    with pytest.raises(TypeError, match="expected the bytes of an image file, got"):
        decode_still(data)  # type: ignore[arg-type]


def test_what_only_looks_like_a_media_file_has_no_kind() -> None:
    for brand in (b"isom", b"mp42", b"qt  ", b"mif1"):
        assert image_kind(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand) is None

"""Sizes and kinds by the leading bytes alone, and large images decoded reduced."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import ImageFormatUnknown, ImageTooLarge, ImageUnreadable
from recognition.images.decoding import MAX_IMAGE_PIXELS, decode_still
from recognition.images.headers import image_kind, read_image_header

KINDS = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".bmp": "bmp", ".tiff": "tiff"}


def encoded(width: int, height: int, suffix: str, *options: int) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(suffix, noise, list(options))[1].tobytes()


@pytest.mark.parametrize("suffix", KINDS)
@settings(deadline=None, max_examples=20)
@given(width=st.integers(1, 300), height=st.integers(1, 300))
def test_kind_and_size_are_read_without_decoding(suffix: str, width: int, height: int) -> None:
    header = read_image_header(encoded(width, height, suffix))

    assert (header.kind, header.width, header.height) == (KINDS[suffix], width, height)


def test_a_lossless_webp_has_its_size_elsewhere() -> None:
    header = read_image_header(encoded(301, 75, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101))
    assert (header.width, header.height) == (301, 75)


def test_an_extended_webp_has_its_size_elsewhere_too() -> None:
    canvas = (4000 - 1).to_bytes(3, "little") + (123 - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    header = read_image_header(b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk)
    assert (header.width, header.height) == (4000, 123)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_an_image_cut_short_anywhere_is_refused(suffix: str) -> None:
    data = encoded(60, 40, suffix)
    for end in range(1, len(data) - 4, 97):
        with pytest.raises(ImageUnreadable):
            decode_still(data[:end])


def test_a_cut_jpeg_is_not_saved_by_the_small_image_in_its_header() -> None:
    small, whole = encoded(8, 8, ".jpg"), encoded(60, 40, ".jpg")
    body = b"Exif\0\0" + small
    data = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + whole[2:]

    assert decode_still(data).image_bgr.shape == (40, 60, 3)
    with pytest.raises(ImageUnreadable, match="truncated"):
        decode_still(data[:-20])


@pytest.mark.parametrize(
    "data", [b"GIF90a", b"\0\0\0\x18ftypmp42", b"%PDF", b"PK\3\4", b"<svg", b"text", b"\0" * 40]
)
def test_what_is_no_image_read_here_is_distinguished(data: bytes) -> None:
    assert image_kind(data) is None
    with pytest.raises(ImageFormatUnknown):
        read_image_header(data)


@settings(deadline=None)
@given(
    st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBP", b"BM", b""]), st.binary(max_size=80)
)
def test_arbitrary_bytes_are_refused_and_never_crash(start: bytes, rest: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        decode_still(start + rest)


def test_a_png_of_400_megapixels_is_refused_by_its_header_alone() -> None:
    png = bytearray(encoded(16, 16, ".png"))
    png[16:24] = struct.pack(">II", 20_000, 20_000)
    assert MAX_IMAGE_PIXELS < 20_000 * 20_000
    with pytest.raises(ImageTooLarge, match="20000 x 20000"):
        decode_still(bytes(png))


@pytest.mark.parametrize(
    ("width", "height", "reduced"),
    [
        (3839, 100, (3839, 100)),
        (3840, 100, (1920, 50)),
        (7681, 100, (1921, 25)),
        (100, 15_361, (13, 1921)),
        # Almost square: decoded reduced, turned or not looks the same; so shrunk afterwards.
        (3841, 3840, (3464, 3463)),
        (3840, 3840, (1920, 1920)),
    ],
)
def test_large_images_are_decoded_reduced_and_keep_their_size(
    width: int, height: int, reduced: tuple[int, int]
) -> None:
    plain = cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1].tobytes()
    still = decode_still(plain, "fast")

    assert (still.width, still.height) == (width, height)
    assert still.image_bgr.shape[1::-1] == reduced


@pytest.mark.parametrize(
    ("width", "height", "kept"),
    [
        (4000, 3000, (4000, 3000)),
        (6000, 4000, (4242, 2828)),
        (8000, 6000, (4000, 3000)),
        (100, 15_361, (100, 15_361)),
    ],
)
@pytest.mark.parametrize("detail", ["auto", "full"])
def test_a_closer_look_keeps_12_megapixels(
    width: int, height: int, kept: tuple[int, int], detail: str
) -> None:
    still = decode_still(cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1].tobytes(), detail)

    assert (still.width, still.height) == (width, height)
    assert still.image_bgr.shape[1::-1] == kept


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (3, False), (6, True), (8, True)])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (4000, 30)])
def test_orientation_is_honoured_at_every_size(
    width: int, height: int, orientation: int, turned: bool
) -> None:
    tag = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0" * 4
    body = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01" + tag
    jpeg = encoded(width, height, ".jpg")
    still = decode_still(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:])

    assert (still.width, still.height) == ((height, width) if turned else (width, height))
    tall, wide = still.image_bgr.shape[:2]
    assert (tall > wide) == (still.height > still.width)

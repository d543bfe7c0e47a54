"""Reading sizes, refusing what is no image, cutting faces out."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.errors import ImageTooLarge, ImageUnreadable
from recognition.images.decoding import (
    as_bgr,
    crop_square,
    decode_image_bgr,
    decode_live_jpeg_bgr,
    read_image_bgr,
)
from recognition.images.headers import read_jpeg_size
from recognition.lab.evaluation.samples import two_faces_bgr, two_faces_file
from recognition.pipeline import ImageRequest
from recognition.types import Box


def jpeg_of(width: int, height: int) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Put an EXIF segment with one tag behind the start marker."""
    tiff = (
        b"MM\x00\x2a\x00\x00\x00\x08\x00\x01"
        + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
        + b"\0" * 4
    )
    body = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@given(st.integers(1, 90), st.integers(1, 90))
def test_the_size_in_the_header_is_the_decoded_size(width: int, height: int) -> None:
    jpeg = jpeg_of(width, height)

    size = read_jpeg_size(jpeg)

    assert size == (width, height)
    assert decode_live_jpeg_bgr(jpeg, width, height, 100).shape == (height, width, 3)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_never_crash(data: bytes) -> None:
    for prefix in (b"", b"\xff\xd8", b"\xff\xd8\xff\xc0"):
        with pytest.raises(ImageUnreadable):
            decode_live_jpeg_bgr(prefix + data, 64, 48, 1920)


@given(st.integers(0, 2000))
def test_a_jpeg_cut_short_anywhere_is_refused(end: int) -> None:
    jpeg = jpeg_of(40, 30)

    with pytest.raises(ImageUnreadable):
        decode_live_jpeg_bgr(jpeg[: min(end, len(jpeg) - 2)], 40, 30, 1920)


def test_an_image_of_400_megapixels_is_refused_by_its_header_alone() -> None:
    jpeg = bytearray(jpeg_of(16, 16))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 20_000, 20_000)

    with pytest.raises(ImageTooLarge, match="20000"):
        decode_live_jpeg_bgr(bytes(jpeg), 20_000, 20_000, 1920)
    with pytest.raises(ImageTooLarge):
        decode_image_bgr(bytes(jpeg))


def test_another_size_than_the_frame_header_says_is_refused() -> None:
    with pytest.raises(ImageUnreadable, match="its header says 641"):
        decode_live_jpeg_bgr(jpeg_of(64, 48), 641, 48, 1920)


def test_orientation_is_ignored_live_and_honoured_in_files(tmp_path: Path) -> None:
    turned = with_orientation(jpeg_of(64, 48), 6)
    (tmp_path / "turned.jpg").write_bytes(turned)

    assert decode_live_jpeg_bgr(turned, 64, 48, 1920).shape == (48, 64, 3)
    assert read_image_bgr(tmp_path / "turned.jpg").shape == (64, 48, 3)


def test_png_webp_and_bmp_are_read_too(tmp_path: Path) -> None:
    for suffix in (".png", ".webp", ".bmp"):
        file = tmp_path / f"image{suffix}"
        cv2.imwrite(str(file), np.zeros((20, 30, 3), np.uint8))
        assert read_image_bgr(file).shape == (20, 30, 3)


@pytest.mark.parametrize("content", [b"", b"plain text", b"\xff\xd8\xff\xd9"])
def test_a_file_that_is_no_image_is_one_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "image.jpg"
    file.write_bytes(content)

    with pytest.raises(ImageUnreadable):
        read_image_bgr(file)


def test_a_crop_holds_the_middle_of_its_box() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[40:60, 90:110] = 255

    crop = crop_square(image, Box(0.45, 0.4, 0.1, 0.2), margin=1.0, side_px=40)

    assert crop.shape == (40, 40)
    assert crop[20, 20] == 255
    assert crop[2, 2] == crop[37, 37] == 0


@given(*[st.floats(0, 1, allow_nan=False)] * 4)
def test_any_box_gives_a_crop(x: float, y: float, w: float, h: float) -> None:
    image = np.full((48, 64, 3), 90, np.uint8)

    crop = crop_square(image, Box(x, y, w, h), margin=0.3, side_px=48)

    assert crop.shape == (48, 48)
    assert set(np.unique(crop)) <= {0, 90}


def test_a_face_at_the_border_repeats_it_instead_of_going_black() -> None:
    image = np.full((100, 100, 3), 80, np.uint8)

    assert (crop_square(image, Box(0, 0, 0.3, 0.3), margin=1.0, side_px=48) == 80).all()


def test_the_sample_image_has_a_webcams_size() -> None:
    assert two_faces_file().is_file()
    assert two_faces_bgr().shape == (480, 640, 3)


# Arrays that callers give


GREY_RAMP = np.arange(0, 256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    "image",
    [
        GREY_RAMP,
        GREY_RAMP[:, :, None],
        GREY_RAMP.astype(np.float32) / 255,
        GREY_RAMP.astype(np.float64) / 255,
        GREY_RAMP.astype(np.uint16) * 257,
        GREY_RAMP.astype(np.int64),
        GREY_RAMP.astype(np.int16),
        np.dstack([GREY_RAMP] * 3),
        np.dstack([GREY_RAMP] * 3).astype(np.float16) / 255,
        np.dstack([*[GREY_RAMP] * 3, np.full_like(GREY_RAMP, 255)]),
    ],
)
def test_arrays_that_can_only_mean_one_image_are_converted(image: np.ndarray) -> None:
    converted = as_bgr(image)
    assert converted.dtype == np.uint8
    assert np.abs(converted.astype(int) - np.dstack([GREY_RAMP] * 3)).max() <= 1


def test_a_bgr_image_is_not_copied() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert as_bgr(image) is image


def test_clear_pixels_of_an_array_are_white() -> None:
    assert (as_bgr(np.zeros((4, 6, 4), np.uint8)) == 255).all()


@pytest.mark.parametrize(
    ("image", "kind", "words"),
    [
        ("a.jpg", TypeError, "NumPy array .* got str"),
        ([[0, 1]], TypeError, "got list"),
        (None, TypeError, "got NoneType"),
        (np.zeros((4, 4, 3), bool), TypeError, "got bool"),
        (np.zeros((4, 4, 3), complex), TypeError, "got complex"),
        (np.array([["a"]]), TypeError, "got <U1"),
        (np.zeros((3, 40, 50), np.uint8), ValueError, r"got shape \(3, 40, 50\)"),
        (np.zeros((1, 40, 50, 3), np.uint8), ValueError, "got shape"),
        (np.zeros((40, 50, 2), np.uint8), ValueError, "got shape"),
        (np.zeros((0, 50, 3), np.uint8), ValueError, "got shape"),
        (np.zeros(9, np.uint8), ValueError, "got shape"),
        (np.full((4, 4, 3), 200.0), ValueError, "floats from 0 to 1, got float64 from 200 to 200"),
        (np.full((4, 4, 3), -0.5), ValueError, "floats from 0 to 1"),
        (np.full((4, 4, 3), np.nan), ValueError, "floats from 0 to 1"),
        (np.full((4, 4, 3), 255, np.uint16), ValueError, "full range"),
        (np.full((4, 4, 3), 4095, np.uint16), ValueError, "full range"),
        (np.full((4, 4, 3), 256, np.int32), ValueError, "from 0 to 255, got int32"),
        (np.full((4, 4, 3), -1, np.int8), ValueError, "from 0 to 255"),
    ],
)
def test_other_arrays_are_refused_with_what_is_expected_and_given(
    image: object, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        as_bgr(image)
    with pytest.raises(kind, match=words):
        ImageRequest(image, "any", 448)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, -32, 100, 450])
def test_an_image_names_a_wrong_size_of_the_detector(size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        ImageRequest(np.zeros((4, 6, 3), np.uint8), "any", size)


def test_an_image_names_a_wrong_detail() -> None:
    with pytest.raises(ValueError, match="auto, fast, full"):
        ImageRequest(np.zeros((4, 6, 3), np.uint8), "any", 448, detail="best")

"""Arrays and PIL images follow the same rules as files: order of channels, depth, opacity, orientation."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recognition.errors import ImageUnreadable
from recognition.images.decoding import STILL_PIXELS
from recognition.images.inputs import read_input, read_input_bgr
from recognition.types import Color, UInt8Array

RED_BGR, RED_RGB = (0, 0, 255), (255, 0, 0)


def array(pixel: tuple[float, ...], dtype: type = np.uint8) -> np.ndarray:
    return np.full((4, 6, len(pixel)), pixel, dtype)


@pytest.mark.parametrize(
    ("image", "color", "expected"),
    [
        (array(RED_BGR), "bgr", RED_BGR),
        (array(RED_RGB), "rgb", RED_BGR),
        (array((*RED_BGR, 255)), "bgr", RED_BGR),
        (array((*RED_RGB, 255)), "rgb", RED_BGR),
        (array((*RED_RGB, 0)), "rgb", (255, 255, 255)),
        (array((1.0, 0.0, 0.0), np.float32), "rgb", RED_BGR),
        (array((65535, 0, 0), np.uint16), "rgb", RED_BGR),
        (array((90,)), "rgb", (90, 90, 90)),
        (np.full((4, 6), 90, np.uint8), "rgb", (90, 90, 90)),
        (Image.new("RGB", (6, 4), RED_RGB), "bgr", RED_BGR),
        (Image.new("RGBA", (6, 4), (*RED_RGB, 0)), "bgr", (255, 255, 255)),
        (Image.new("L", (6, 4), 90), "bgr", (90, 90, 90)),
        (Image.new("1", (6, 4), 1), "bgr", (255, 255, 255)),
        (Image.new("P", (6, 4), 0), "bgr", (0, 0, 0)),
        (Image.new("CMYK", (6, 4), (0, 255, 255, 0)), "bgr", RED_BGR),
        (Image.new("F", (6, 4), 1.0), "bgr", (255, 255, 255)),
        (Image.new("I", (6, 4), 90), "bgr", (90, 90, 90)),
        (Image.fromarray(np.full((4, 6), 0x5A00, np.uint16)), "bgr", (90, 90, 90)),
    ],
)
def test_the_pixels_that_are_analyzed(image: object, color: Color, expected: tuple[int, ...]) -> None:
    pixels = read_input_bgr(image, color)

    assert (pixels.shape, pixels.dtype) == ((4, 6, 3), np.uint8)
    assert pixels[2, 3].tolist() == list(expected)
    assert (read_input(image, color, "auto").image_bgr == pixels).all()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (Image.fromarray(np.full((4, 6), 300, np.uint16)), "uint16 over its full range"),
        (Image.new("I", (6, 4), 300), "whole numbers from 0 to 255"),
        (Image.new("F", (6, 4), 255.0), "floats from 0 to 1"),
        (np.zeros((4, 6, 2), np.uint8), r"\(h, w, 3\) RGB, \(h, w, 4\) RGBA or \(h, w\) gray"),
    ],
)
def test_numbers_of_another_range_are_refused(image: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_input(image, "rgb", "auto")


@pytest.mark.parametrize("image", [None, 3, 2.5, [[0]], {}, io.BytesIO(b""), bytearray(b"")])
def test_what_is_no_image_is_refused_by_its_type(image: object) -> None:
    expected = "expected a path, bytes, a PIL image or a NumPy array, got " + type(image).__name__
    with pytest.raises(TypeError, match=expected):
        read_input(image, "bgr", "auto")


def halves() -> UInt8Array:
    """Red above black."""
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:32] = RED_RGB
    return pixels


def test_a_pil_image_is_turned_as_its_file_is(tmp_path: Path) -> None:
    file = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(halves()).save(file, exif=exif, quality=100, subsampling=0)

    of_file = read_input_bgr(file, "bgr")
    of_pil = read_input_bgr(Image.open(file), "bgr")

    assert of_file.shape == of_pil.shape == (96, 64, 3)
    assert np.abs(of_file.astype(int) - of_pil.astype(int)).max() <= 2


def test_a_truncated_file_behind_a_pil_image_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "cut.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(file)
    file.write_bytes(file.read_bytes()[:2000])
    with (
        Image.open(file) as image,
        pytest.raises(ImageUnreadable, match="PIL image cannot be read"),
    ):
        read_input(image, "bgr", "auto")


def test_a_large_array_is_reduced_and_keeps_its_size() -> None:
    still = read_input(np.zeros((4000, 6000, 3), np.uint8), "bgr", "auto")

    assert (still.width, still.height) == (6000, 4000)
    assert still.image_bgr.shape[0] * still.image_bgr.shape[1] <= STILL_PIXELS

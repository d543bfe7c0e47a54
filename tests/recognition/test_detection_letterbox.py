"""How images are laid into the detector's input, and boxes carried back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.detection.letterbox import GREY, Letterbox

sides = st.integers(1, 4000)
image_sizes = st.sampled_from([64, 256, 320, 448, 640])


def in_input(place: Letterbox, boxes_xyxy: np.ndarray) -> np.ndarray:
    """Carry boxes (n, 4) from pixels of the image to pixels of the input."""
    factors = np.array([place.inner_width / place.width, place.inner_height / place.height] * 2, np.float32)
    return (boxes_xyxy * factors + np.array([place.left, place.top] * 2, np.float32)).astype(np.float32)


@given(sides, sides, image_sizes, st.lists(st.tuples(*[st.floats(0, 1)] * 4), max_size=5))
def test_a_box_comes_back_from_the_input_where_it_was(
    width: int, height: int, image_size: int, fractions: list[tuple[float, float, float, float]]
) -> None:
    place = Letterbox.fit(width, height, image_size)
    boxes = np.array(fractions, np.float32).reshape(-1, 4) * np.array([width, height] * 2, np.float32)

    returned = place.to_image(in_input(place, boxes))

    # One part in ten thousand of the image: a single float's rounding, enlarged by the scale.
    np.testing.assert_allclose(returned, boxes, atol=max(width, height) * 1e-4)


@given(sides, sides, image_sizes)
def test_the_image_fits_inside_an_input_of_whole_grid_cells(width: int, height: int, image_size: int) -> None:
    place = Letterbox.fit(width, height, image_size)

    assert max(place.input_width, place.input_height) == image_size
    assert place.input_width % 32 == place.input_height % 32 == 0
    assert 0 <= place.left <= place.left + place.inner_width <= place.input_width
    assert 0 <= place.top <= place.top + place.inner_height <= place.input_height
    assert min(place.inner_width, place.inner_height) >= 1
    assert place.inner_width <= width
    assert place.inner_height <= height


@pytest.mark.parametrize(
    ("size_wh", "input_wh"),
    [
        ((640, 480), (320, 256)),
        ((480, 640), (256, 320)),
        ((1280, 720), (320, 192)),
        ((500, 500), (320, 320)),
        ((2000, 10), (320, 192)),
        ((1, 1), (320, 320)),
    ],
)
def test_few_shapes_serve_all_images(size_wh: tuple[int, int], input_wh: tuple[int, int]) -> None:
    place = Letterbox.fit(*size_wh, 320)

    assert (place.input_width, place.input_height) == input_wh


def test_grey_surrounds_the_image() -> None:
    place = Letterbox.fit(640, 480, 320)

    filled = place.fill(np.full((480, 640, 3), 7, np.uint8))

    assert filled.shape == (256, 320, 3)
    assert (filled[8:248] == 7).all()
    assert (filled[:8] == GREY).all()
    assert (filled[248:] == GREY).all()


@pytest.mark.parametrize("image_size", [0, -32, 16, 100])
def test_it_refuses_a_size_off_the_grid(image_size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        Letterbox.fit(640, 480, image_size)


def test_it_refuses_an_image_of_another_shape() -> None:
    with pytest.raises(ValueError, match="expected"):
        Letterbox.fit(640, 480, 320).fill(np.zeros((480, 640), np.uint8))

"""Made images of nothing."""

import numpy as np
import pytest

from recognition.lab.data.smooth_images import smooth_image


@pytest.mark.parametrize("seed", range(20))
def test_it_is_smooth_and_the_same_for_a_seed(seed: int) -> None:
    image = smooth_image(np.random.default_rng(seed))

    assert image.shape == (480, 640, 3)
    assert image.dtype == np.uint8
    assert np.array_equal(image, smooth_image(np.random.default_rng(seed)))
    blocks = image.reshape(60, 8, 80, 8, 3).mean(axis=(1, 3))
    assert max(np.abs(np.diff(blocks, axis=axis)).max() for axis in (0, 1)) < 60  # no edge anywhere


def test_some_are_grey_and_some_are_not() -> None:
    generator = np.random.default_rng(0)

    grey = [np.ptp(smooth_image(generator).mean(axis=(0, 1))) < 1 for _ in range(40)]

    assert 10 < sum(grey) < 30

"""Blur, shrinking, JPEG-like loss and erasing, compared with OpenCV where it does the same."""

import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recognition.lab.training.augmentation.corruptions import add_noise, blurred, erase, rectangles, shrunk
from recognition.lab.training.augmentation.cosine_blocks import rounded_as_jpeg
from recognition.lab.training.recipe import AugmentationPart
from tests.recognition.augmented_images import (
    FAST,
    as_batch,
    as_pixels,
    landscape,
    noise,
    seeded,
)


@pytest.mark.parametrize("channels", [1, 3])
def test_blurring_agrees_with_opencv(channels: int) -> None:
    original = landscape(36, 30) if channels == 3 else landscape(36, 30)[:, :, 0]
    sigmas = [0.6, 1.0, 2.0]
    reach = math.ceil(3 * max(sigmas))

    found = blurred(as_batch(original, original, original), torch.tensor(sigmas))

    for image, sigma in zip(found, sigmas, strict=True):
        expected = cv2.GaussianBlur(original.astype(np.float32) / 255, (2 * reach + 1,) * 2, sigma)
        pixels = image.permute(1, 2, 0).numpy().squeeze()
        np.testing.assert_allclose(pixels, expected, atol=1e-5)


@FAST
@given(st.floats(0.0, 30.0))
def test_a_blur_wider_than_a_small_image_is_still_an_image(sigma_px: float) -> None:
    changed = blurred(noise(2, 3, 4), torch.full((2,), sigma_px))

    assert changed.shape == (2, 3, 4, 4)
    assert torch.isfinite(changed).all()


def test_shrinking_agrees_with_opencv() -> None:
    image = landscape(48, 32)
    small = cv2.resize(image.astype(np.float32), (16, 24), interpolation=cv2.INTER_AREA)
    expected = cv2.resize(small, (32, 48), interpolation=cv2.INTER_LINEAR)

    found = shrunk(as_batch(image), 0.5)[0].permute(1, 2, 0).numpy() * 255

    np.testing.assert_allclose(found, expected, atol=0.01)


@FAST
@given(st.floats(0.0, 1.0), st.sampled_from([(1, 1), (5, 9), (16, 16)]))
def test_shrinking_keeps_size_and_light(share: float, size_hw: tuple[int, int]) -> None:
    grey = torch.full((2, 1, *size_hw), 0.4)

    torch.testing.assert_close(shrunk(grey, share), grey)


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 95])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(48, 64), (45, 51)])
def test_jpegs_loss_agrees_with_opencvs_jpeg(quality: int, channels: int, height: int, width: int) -> None:
    image = landscape(height, width) if channels == 3 else landscape(height, width)[:, :, 1]
    flags = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    written = image if channels == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", written, flags)
    expected = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    assert expected is not None
    if channels == 3:
        expected = cv2.cvtColor(expected, cv2.COLOR_BGR2RGB)

    (found,) = as_pixels(rounded_as_jpeg(as_batch(image), torch.tensor([float(quality)])))

    # The files' colours are whole numbers, ours are not: at high quality that is most of the difference.
    difference = np.abs(found.astype(int) - expected.astype(int))
    lost = np.abs(image.astype(int) - expected.astype(int))
    assert difference.mean() < max(0.2 * lost.mean(), 0.8)


def test_each_image_has_its_own_jpeg_quality() -> None:
    images = as_batch(landscape(32, 32), landscape(32, 32))

    both = rounded_as_jpeg(images, torch.tensor([10.0, 90.0]))

    torch.testing.assert_close(both[:1], rounded_as_jpeg(images[:1], torch.tensor([10.0])))
    loss = (both - images).abs().flatten(1).mean(1)
    assert loss[0] > 3 * loss[1]


@FAST
@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3]), st.floats(1, 100))
def test_jpegs_loss_takes_any_size_and_quality(
    height: int, width: int, channels: int, quality: float
) -> None:
    images = torch.rand(2, channels, height, width, generator=seeded(height * width))

    changed = rounded_as_jpeg(images, torch.full((2,), quality))

    assert changed.shape == images.shape
    assert 0 <= changed.min() <= changed.max() <= 1


@FAST
@given(st.integers(0, 1000), st.floats(0.02, 0.9), st.floats(0.3, 3.0), st.sampled_from([(32, 32), (20, 40)]))
def test_a_rectangle_has_its_area_and_lies_inside(
    seed: int, area: float, ratio: float, size_hw: tuple[int, int]
) -> None:
    (marked,) = rectangles(torch.tensor([area]), torch.tensor([ratio]), size_hw, seeded(seed))[:, 0]

    rows, columns = marked.any(1).nonzero()[:, 0], marked.any(0).nonzero()[:, 0]
    assert marked.sum() == len(rows) * len(columns)
    height, width = size_hw
    tall = min(math.sqrt(area * ratio), 1) * height
    wide = min(math.sqrt(area / ratio), 1) * width
    assert abs(len(rows) - tall) <= 1
    assert abs(len(columns) - wide) <= 1


@FAST
@given(st.integers(0, 1000))
def test_erasing_covers_within_its_limits_and_leaves_the_rest(seed: int) -> None:
    images = torch.full((6, 3, 40, 40), 2.0)
    part = AugmentationPart(erase=1.0, erase_area=(0.1, 0.2))

    covered = erase(images, part, seeded(seed)) != 2

    assert (covered.all(1) == covered.any(1)).all()
    areas = covered[:, 0].float().mean(dim=(1, 2))
    assert 0.05 < areas.min() <= areas.max() < 0.26


def test_noise_deviates_by_no_more_than_its_limit_and_differs_between_images() -> None:
    images = torch.full((8, 3, 32, 32), 0.5)

    changed = add_noise(images, AugmentationPart(noise=1.0, noise_deviation=0.1), seeded())
    deviations = changed.flatten(1).std(dim=1)

    assert deviations.max() < 0.105
    assert len(deviations.unique()) == 8
    torch.testing.assert_close(changed.mean(), torch.tensor(0.5), atol=2e-3, rtol=0)

"""Flips, moves and crops, compared with OpenCV where it does the same."""

import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recognition.lab.training.augmentation import flip, random_crop
from recognition.lab.training.augmentation.geometry import affine, cut_out, moved, vertical_flip
from recognition.lab.training.recipe import AugmentationPart
from tests.recognition.augmented_images import (
    FAST,
    as_batch,
    landscape,
    noise,
    seeded,
)


@FAST
@given(st.integers(0, 1000))
def test_flips_mirror_half_of_the_images(seed: int) -> None:
    images = noise(40, 1, 8)

    for change, dimension in ((flip, 3), (vertical_flip, 2)):
        changed = change(images, seeded(seed))
        mirrored = (changed == images.flip(dimension)).flatten(1).all(1)
        same = (changed == images).flatten(1).all(1)
        assert torch.all(mirrored ^ same)
        assert 5 <= mirrored.sum() <= 35


@pytest.mark.parametrize(("height", "width"), [(40, 40), (30, 50)])
@pytest.mark.parametrize(
    ("degrees", "scale", "shear_deg", "shift"),
    [
        (20.0, 1.0, 0.0, (0.0, 0.0)),
        (0.0, 1.3, 0.0, (0.0, 0.0)),
        (0.0, 1.0, 15.0, (0.0, 0.0)),
        (0.0, 1.0, 0.0, (0.1, -0.2)),
        (-35.0, 0.8, -10.0, (0.1, 0.1)),
    ],
)
def test_moving_agrees_with_opencv(
    height: int, width: int, degrees: float, scale: float, shear_deg: float, shift: tuple[float, float]
) -> None:
    image = landscape(height, width)
    turn, slant = math.radians(degrees), math.tan(math.radians(shear_deg))
    rotation = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    inverse = rotation @ np.array([[1, slant], [0, 1]]) / scale
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = middle - inverse @ middle + np.array(shift) * (width, height)
    expected = cv2.warpAffine(
        image.astype(np.float32),
        np.hstack([inverse, offset[:, None]]),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )

    found = moved(
        as_batch(image),
        angle=torch.tensor([turn]),
        scale=torch.tensor([scale]),
        shear=torch.tensor([math.radians(shear_deg)]),
        shift=torch.tensor([shift]),
    )

    # OpenCV counts places in 1/32 of a pixel.
    difference = np.abs(found[0].permute(1, 2, 0).numpy() * 255 - expected)
    assert difference.mean() < 1
    assert np.quantile(difference, 0.95) < 8


def test_a_bright_corner_turns_clockwise() -> None:
    images = torch.zeros(1, 1, 16, 16)
    images[..., :4, :4] = 1
    nothing = torch.zeros(1)

    turned = moved(
        images,
        angle=torch.tensor([math.pi / 2]),
        scale=torch.ones(1),
        shear=nothing,
        shift=torch.zeros(1, 2),
    )

    torch.testing.assert_close(turned, images.rot90(-1, (2, 3)), atol=1e-4, rtol=0)


@FAST
@given(st.integers(0, 100))
def test_moves_keep_within_the_recipes_limits(seed: int) -> None:
    dot = torch.zeros(20, 1, 41, 41)
    dot[:, :, 19:22, 19:22] = 1

    part = AugmentationPart(affine=1.0, rotate_deg=0.0, scale=0.0, translate=0.1)
    changed = affine(dot, part, seeded(seed))

    rows = (changed.sum(dim=(1, 3)) * torch.arange(41)).sum(1) / changed.sum(dim=(1, 2, 3))
    assert (rows - 20).abs().max() <= 0.1 * 41 + 1e-3
    assert rows.std() > 0


@FAST
@given(st.integers(0, 1000), st.integers(1, 12), st.sampled_from([1, 3]))
def test_a_crop_is_a_part_of_its_image(seed: int, crop: int, channels: int) -> None:
    images = torch.arange(2 * channels * 12 * 12).view(2, channels, 12, 12).float()

    crops = random_crop(images, crop, seeded(seed))

    for image, found in zip(images, crops, strict=True):
        number = int(found[0, 0, 0] - image[0, 0, 0])
        top, left = divmod(number, 12)
        assert torch.equal(found, image[:, top : top + crop, left : left + crop])


def test_without_a_move_the_middle_of_a_loose_crop_is_what_training_sees() -> None:
    image = landscape(96, 96)
    middle = image[16:80, 16:80]

    found = cut_out(as_batch(image), AugmentationPart(affine=0.0), 64, 1.5, seeded())

    torch.testing.assert_close(found, as_batch(middle), atol=1e-4, rtol=0)


def test_a_move_of_a_loose_crop_scales_it_within_its_limits() -> None:
    ramp = torch.linspace(0, 1, 96).expand(40, 1, 96, 96)
    part = AugmentationPart(affine=1.0, rotate_deg=0.0, translate=0.0, scale=0.5)

    found = cut_out(ramp, part, 64, 1.5, seeded())
    # The ramp's rise over the crop is the share of the image that the crop shows.
    shown = (found[:, 0, 32, 40] - found[:, 0, 32, 24]) * (96 - 1) / 96 * 64 / 16

    assert shown.min() >= 1 / 1.5**2 - 0.01
    assert shown.max() <= 1.01
    assert shown.max() - shown.min() > 0.3

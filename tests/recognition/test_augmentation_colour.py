"""Light and colour, compared with OpenCV where it does the same."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recognition.lab.training.augmentation.colour import (
    IMAGENET_COMPONENTS,
    IMAGENET_VARIANCES,
    cast_color,
    hue_turned,
    luma,
    recolour,
    saturated,
    shifted_along_components,
    turn_gray,
)
from recognition.lab.training.augmentation.light import darken, relight, relit
from recognition.lab.training.recipe import AugmentationPart
from tests.recognition.augmented_images import (
    FAST,
    as_batch,
    landscape,
    noise,
    seeded,
)


def test_contrast_stretches_about_the_mean_and_brightness_is_added() -> None:
    images = torch.tensor([0.3, 0.5]).repeat(8, 4).view(1, 1, 8, 8)

    brighter = relit(images, contrast=torch.ones(1), brightness=torch.tensor([0.2]))
    harder = relit(images, contrast=torch.tensor([1.5]), brightness=torch.zeros(1))

    torch.testing.assert_close(brighter, images + 0.2)
    assert sorted(set(harder.flatten().tolist())) == pytest.approx([0.25, 0.55])


@FAST
@given(st.integers(0, 1000))
def test_gamma_keeps_black_white_and_order_and_its_limits(seed: int) -> None:
    images = torch.linspace(0, 1, 64).view(1, 1, 8, 8).repeat(6, 1, 1, 1)
    part = AugmentationPart(light=1.0, brightness=0.0, contrast=0.0, gamma=1.0)

    changed = relight(images, part, seeded(seed)).flatten(1)

    torch.testing.assert_close(changed[:, [0, -1]], torch.tensor([[0.0, 1.0]]).repeat(6, 1))
    assert (changed.diff(dim=1) > 0).all()
    exponents = changed[:, 32].log() / images.flatten(1)[:, 32].log()
    assert exponents.min() >= 0.5 - 1e-3
    assert exponents.max() <= 2 + 1e-3


@pytest.mark.parametrize("turns", [0.0, 0.05, -0.25, 0.5])
def test_turning_the_hue_agrees_with_opencv(turns: float) -> None:
    image = landscape(32, 40)
    hsv = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360 * turns) % 360

    found = hue_turned(as_batch(image), torch.tensor([turns]))[0].permute(1, 2, 0).numpy()

    np.testing.assert_allclose(found, cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), atol=2e-3)


def test_a_turned_hue_leaves_grey_alone() -> None:
    grey = noise(2, 1, 8).expand(-1, 3, -1, -1)

    torch.testing.assert_close(hue_turned(grey, torch.tensor([0.3, 0.7])), grey)


def test_saturation_moves_pixels_away_from_their_grey() -> None:
    image = landscape(24, 24)
    images = as_batch(image)
    grey = torch.from_numpy(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)) / 255

    assert (luma(images)[0, 0] - grey).abs().max() < 1 / 255
    torch.testing.assert_close(saturated(images, torch.ones(1)), images)
    torch.testing.assert_close(saturated(images, torch.zeros(1)), luma(images).expand(-1, 3, -1, -1))
    half = saturated(images, torch.full((1,), 0.5))
    torch.testing.assert_close(half, (images + luma(images)) / 2)


def test_pca_noise_follows_imagenets_components() -> None:
    images = torch.full((4000, 3, 1, 1), 0.5)
    part = AugmentationPart(colour=1.0, saturation=0.0, hue=0.0, pca_deviation=0.1)

    shifts = (recolour(images, part, seeded()) - images)[:, :, 0, 0]

    components = torch.tensor(IMAGENET_COMPONENTS)
    torch.testing.assert_close(components @ components.T, torch.eye(3), atol=1e-3, rtol=0)
    deviations = (shifts @ components.T).std(dim=0)
    torch.testing.assert_close(deviations, 0.1 * torch.tensor(IMAGENET_VARIANCES), atol=0, rtol=0.1)
    torch.testing.assert_close(shifts.mean(0), torch.zeros(3), atol=2e-3, rtol=0)


def test_pca_noise_is_one_colour_for_the_whole_image() -> None:
    images = noise(2, 3, 8) / 2 + 0.25

    change = shifted_along_components(images, torch.tensor([[0.1, -0.5, 1.0], [0.0, 0.0, 0.0]])) - images

    assert change[0].flatten(1).std(dim=1).max() < 1e-6
    assert change[0].abs().max() > 0
    assert change[1].abs().max() == 0


def test_grey_images_have_no_colour_to_change() -> None:
    images = noise(3, 1, 8)

    assert recolour(images, AugmentationPart(colour=1.0), seeded()) is images


@FAST
@given(st.integers(0, 1000))
def test_too_little_light_never_brightens_and_stays_above_its_limit(seed: int) -> None:
    images = noise(6, 3, 16, seed) * torch.rand(6, 1, 1, 1, generator=seeded(seed))
    changed = darken(images, AugmentationPart(dark=1.0, dark_to=0.1), seeded(seed))
    before, after = images.mean(dim=(1, 2, 3)), changed.mean(dim=(1, 2, 3))

    assert (after <= before + 1 / 255).all()
    assert (after >= torch.minimum(before, torch.tensor(0.1)) - 1 / 255).all()
    torch.testing.assert_close(changed * 255, (changed * 255).round(), atol=1e-3, rtol=0)


def test_a_wrong_white_balance_multiplies_each_channel() -> None:
    images = noise(4, 3, 16) * 0.5
    changed = cast_color(images, AugmentationPart(cast=1.0, cast_strength=0.5), seeded())
    factors = (changed / images).amax(dim=(2, 3))

    torch.testing.assert_close(changed, images * factors[:, :, None, None])
    assert (factors >= 1 / 1.5).all()
    assert (factors <= 1.5).all()
    assert len(factors.unique()) == 12


def test_a_share_of_the_images_loses_its_color() -> None:
    images = noise(40, 3, 8)
    changed = turn_gray(images, AugmentationPart(gray=0.5), seeded())
    is_gray = (changed == changed[:, :1]).flatten(1).all(dim=1)

    assert 8 < is_gray.sum() < 32
    torch.testing.assert_close(changed[~is_gray], images[~is_gray])
    torch.testing.assert_close(changed[is_gray][:, :1], luma(images[is_gray]))

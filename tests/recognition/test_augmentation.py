"""Changes to training pictures, each against a result worked out another way."""

import itertools
import math
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from recognition.training.augmentation import augment, blend, flip, random_crop
from recognition.training.augmentation.blending import mixed, patched
from recognition.training.augmentation.colour import (
    IMAGENET_COMPONENTS,
    IMAGENET_VARIANCES,
    hue_turned,
    luma,
    recolour,
    saturated,
    shifted_along_components,
)
from recognition.training.augmentation.cosine_blocks import rounded_as_jpeg
from recognition.training.augmentation.damage import blurred, erase, rectangles, shrunk
from recognition.training.augmentation.draws import change_share
from recognition.training.augmentation.geometry import affine, moved, vertical_flip
from recognition.training.augmentation.light import relight, relit
from recognition.training.recipe import AugmentationPart
from recognition.types import UInt8Array

QUICK = settings(max_examples=25, deadline=None)
EVERYTHING = {
    "vertical_flip": True,
    "affine": 0.7,
    "shear_deg": 10.0,
    "light": 0.7,
    "gamma": 0.5,
    "colour": 0.7,
    "pca_deviation": 0.5,
    "blur": 0.7,
    "jpeg": 0.7,
    "shrink": 0.7,
    "erase": 0.7,
}
SHARES = ("affine", "light", "colour", "blur", "jpeg", "shrink", "erase")


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def noise(count: int, channels: int, side_px: int, seed: int = 0) -> Tensor:
    return torch.rand(count, channels, side_px, side_px, generator=seeded(seed))


def landscape(height: int, width: int) -> UInt8Array:
    """A smooth RGB picture with one hard edge, as photographs have both."""
    rows, columns = np.mgrid[:height, :width]
    waves = [
        127 + 90 * np.sin(rows / 9 + columns / 13),
        127 + 90 * np.cos(columns / 11),
        127 + 90 * np.sin(rows / 17 - columns / 7),
    ]
    picture = np.stack(waves, axis=2)
    picture[height // 3 : height // 2, width // 4 : width // 2] = (230, 40, 60)
    return picture.astype(np.uint8)


def as_batch(*pictures: UInt8Array) -> Tensor:
    stacked = torch.from_numpy(np.stack(pictures)).float() / 255
    return stacked[:, None] if stacked.ndim == 3 else stacked.permute(0, 3, 1, 2)


def as_pixels(images: Tensor) -> list[Any]:
    pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return [picture.squeeze(-1) if picture.shape[-1] == 1 else picture for picture in pixels]


def test_every_field_of_a_recipe_is_tried_here() -> None:
    names = set(AugmentationPart.__struct_fields__)

    assert (
        set(EVERYTHING)
        | {"flip", "mixup", "mixup_alpha", "cutmix"}
        | {name for name in names if name.startswith(("rotate", "translate", "scale", "bright", "contrast"))}
        | {"saturation", "hue", "blur_sigma_px", "jpeg_quality", "shrink_to", "erase_area"}
        == names
    )


@QUICK
@given(seed=st.integers(0, 1000), channels=st.sampled_from([1, 3]), side_px=st.sampled_from([33, 44, 48]))
def test_changed_pictures_stay_pictures(seed: int, channels: int, side_px: int) -> None:
    images = noise(5, channels, 48, seed)
    before = images.clone()

    changed = augment(images, AugmentationPart(**EVERYTHING), side_px, seeded(seed))

    assert changed.shape == (5, channels, side_px, side_px)
    assert 0 <= changed.min() <= changed.max() <= 1
    assert torch.equal(images, before)


@QUICK
@given(seed=st.integers(0, 1000), channels=st.sampled_from([1, 3]))
def test_a_seed_gives_the_same_pictures_again_whatever_else_draws(seed: int, channels: int) -> None:
    images, part = noise(5, channels, 32), AugmentationPart(**EVERYTHING, mixup=0.5, cutmix=0.5)
    targets = torch.eye(5)

    first = blend(augment(images, part, 28, generator := seeded(seed)), targets, part, generator)
    torch.rand(3)
    np.random.default_rng()
    second = blend(augment(images, part, 28, generator := seeded(seed)), targets, part, generator)

    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("name", SHARES)
def test_a_share_of_a_third_changes_about_a_third(name: str) -> None:
    images = noise(90, 3, 16)

    part = AugmentationPart(**{"flip": False, name: 1 / 3})
    changed = (augment(images, part, 16, seeded()) != images).flatten(1).any(1)

    assert 18 <= changed.sum() <= 42


@QUICK
@given(share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_only_the_chosen_pictures_are_computed(share: float, seed: int) -> None:
    images = torch.zeros(7, 1, 2, 2)
    computed = []

    def brighten(chosen: Tensor) -> Tensor:
        computed.append(len(chosen))
        return chosen + 1

    changed = change_share(images, share, seeded(seed), brighten)

    assert changed.mean(dim=(1, 2, 3)).sum() == sum(computed)
    assert 0 not in computed


def test_no_share_changes_nothing() -> None:
    images, targets = noise(4, 3, 16), torch.eye(4)
    part = AugmentationPart(flip=False)

    assert augment(images, part, 16, seeded()) is images
    assert blend(images, targets, part, seeded()) == (images, targets)


def test_limits_of_nothing_change_next_to_nothing() -> None:
    images = noise(8, 3, 16)
    part = AugmentationPart(
        flip=False,
        affine=1.0,
        rotate_deg=0.0,
        translate=0.0,
        scale=0.0,
        light=1.0,
        brightness=0.0,
        contrast=0.0,
        colour=1.0,
        saturation=0.0,
        hue=0.0,
        blur=1.0,
        blur_sigma_px=0.0,
        shrink=1.0,
        shrink_to=1.0,
    )

    torch.testing.assert_close(augment(images, part, 16, seeded()), images, atol=1e-4, rtol=0)


@QUICK
@given(st.integers(0, 1000))
def test_flips_mirror_half_of_the_pictures(seed: int) -> None:
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
    picture = landscape(height, width)
    turn, slant = math.radians(degrees), math.tan(math.radians(shear_deg))
    rotation = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    inverse = rotation @ np.array([[1, slant], [0, 1]]) / scale
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = middle - inverse @ middle + np.array(shift) * (width, height)
    expected = cv2.warpAffine(
        picture.astype(np.float32),
        np.hstack([inverse, offset[:, None]]),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )

    found = moved(
        as_batch(picture),
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


@QUICK
@given(st.integers(0, 100))
def test_moves_keep_within_the_recipes_limits(seed: int) -> None:
    dot = torch.zeros(20, 1, 41, 41)
    dot[:, :, 19:22, 19:22] = 1

    part = AugmentationPart(affine=1.0, rotate_deg=0.0, scale=0.0, translate=0.1)
    changed = affine(dot, part, seeded(seed))

    rows = (changed.sum(dim=(1, 3)) * torch.arange(41)).sum(1) / changed.sum(dim=(1, 2, 3))
    assert (rows - 20).abs().max() <= 0.1 * 41 + 1e-3
    assert rows.std() > 0


@QUICK
@given(st.integers(0, 1000), st.integers(1, 12), st.sampled_from([1, 3]))
def test_a_crop_is_a_part_of_its_picture(seed: int, crop: int, channels: int) -> None:
    images = torch.arange(2 * channels * 12 * 12).view(2, channels, 12, 12).float()

    crops = random_crop(images, crop, seeded(seed))

    for image, found in zip(images, crops, strict=True):
        number = int(found[0, 0, 0] - image[0, 0, 0])
        top, left = divmod(number, 12)
        assert torch.equal(found, image[:, top : top + crop, left : left + crop])


def test_contrast_stretches_about_the_mean_and_brightness_is_added() -> None:
    images = torch.tensor([0.3, 0.5]).repeat(8, 4).view(1, 1, 8, 8)

    brighter = relit(images, contrast=torch.ones(1), brightness=torch.tensor([0.2]))
    harder = relit(images, contrast=torch.tensor([1.5]), brightness=torch.zeros(1))

    torch.testing.assert_close(brighter, images + 0.2)
    assert sorted(set(harder.flatten().tolist())) == pytest.approx([0.25, 0.55])


@QUICK
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
    picture = landscape(32, 40)
    hsv = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360 * turns) % 360

    found = hue_turned(as_batch(picture), torch.tensor([turns]))[0].permute(1, 2, 0).numpy()

    np.testing.assert_allclose(found, cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), atol=2e-3)


def test_a_turned_hue_leaves_grey_alone() -> None:
    grey = noise(2, 1, 8).expand(-1, 3, -1, -1)

    torch.testing.assert_close(hue_turned(grey, torch.tensor([0.3, 0.7])), grey)


def test_saturation_moves_pixels_away_from_their_grey() -> None:
    picture = landscape(24, 24)
    images = as_batch(picture)
    grey = torch.from_numpy(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) / 255

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


def test_pca_noise_is_one_colour_for_the_whole_picture() -> None:
    images = noise(2, 3, 8) / 2 + 0.25

    change = shifted_along_components(images, torch.tensor([[0.1, -0.5, 1.0], [0.0, 0.0, 0.0]])) - images

    assert change[0].flatten(1).std(dim=1).max() < 1e-6
    assert change[0].abs().max() > 0
    assert change[1].abs().max() == 0


def test_grey_pictures_have_no_colour_to_change() -> None:
    images = noise(3, 1, 8)

    assert recolour(images, AugmentationPart(colour=1.0), seeded()) is images


@pytest.mark.parametrize("channels", [1, 3])
def test_blurring_agrees_with_opencv(channels: int) -> None:
    picture = landscape(36, 30) if channels == 3 else landscape(36, 30)[:, :, 0]
    sigmas = [0.6, 1.0, 2.0]
    reach = math.ceil(3 * max(sigmas))

    found = blurred(as_batch(picture, picture, picture), torch.tensor(sigmas))

    for image, sigma in zip(found, sigmas, strict=True):
        expected = cv2.GaussianBlur(picture.astype(np.float32) / 255, (2 * reach + 1,) * 2, sigma)
        pixels = image.permute(1, 2, 0).numpy().squeeze()
        np.testing.assert_allclose(pixels, expected, atol=1e-5)


@QUICK
@given(st.floats(0.0, 30.0))
def test_a_blur_wider_than_a_small_picture_is_still_a_picture(sigma_px: float) -> None:
    changed = blurred(noise(2, 3, 4), torch.full((2,), sigma_px))

    assert changed.shape == (2, 3, 4, 4)
    assert torch.isfinite(changed).all()


def test_shrinking_agrees_with_opencv() -> None:
    picture = landscape(48, 32)
    small = cv2.resize(picture.astype(np.float32), (16, 24), interpolation=cv2.INTER_AREA)
    expected = cv2.resize(small, (32, 48), interpolation=cv2.INTER_LINEAR)

    found = shrunk(as_batch(picture), 0.5)[0].permute(1, 2, 0).numpy() * 255

    np.testing.assert_allclose(found, expected, atol=0.01)


@QUICK
@given(st.floats(0.0, 1.0), st.sampled_from([(1, 1), (5, 9), (16, 16)]))
def test_shrinking_keeps_size_and_light(share: float, size_hw: tuple[int, int]) -> None:
    grey = torch.full((2, 1, *size_hw), 0.4)

    torch.testing.assert_close(shrunk(grey, share), grey)


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 95])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(48, 64), (45, 51)])
def test_jpegs_loss_agrees_with_opencvs_jpeg(quality: int, channels: int, height: int, width: int) -> None:
    picture = landscape(height, width) if channels == 3 else landscape(height, width)[:, :, 1]
    flags = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    written = picture if channels == 1 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", written, flags)
    expected = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    assert expected is not None
    if channels == 3:
        expected = cv2.cvtColor(expected, cv2.COLOR_BGR2RGB)

    (found,) = as_pixels(rounded_as_jpeg(as_batch(picture), torch.tensor([float(quality)])))

    # The files' colours are whole numbers, ours are not: at high quality that is most of the difference.
    difference = np.abs(found.astype(int) - expected.astype(int))
    lost = np.abs(picture.astype(int) - expected.astype(int))
    assert difference.mean() < max(0.2 * lost.mean(), 0.8)


def test_each_picture_has_its_own_jpeg_quality() -> None:
    images = as_batch(landscape(32, 32), landscape(32, 32))

    both = rounded_as_jpeg(images, torch.tensor([10.0, 90.0]))

    torch.testing.assert_close(both[:1], rounded_as_jpeg(images[:1], torch.tensor([10.0])))
    loss = (both - images).abs().flatten(1).mean(1)
    assert loss[0] > 3 * loss[1]


@QUICK
@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3]), st.floats(1, 100))
def test_jpegs_loss_takes_any_size_and_quality(
    height: int, width: int, channels: int, quality: float
) -> None:
    images = torch.rand(2, channels, height, width, generator=seeded(height * width))

    changed = rounded_as_jpeg(images, torch.full((2,), quality))

    assert changed.shape == images.shape
    assert 0 <= changed.min() <= changed.max() <= 1


@QUICK
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


@QUICK
@given(st.integers(0, 1000))
def test_erasing_covers_within_its_limits_and_leaves_the_rest(seed: int) -> None:
    images = torch.full((6, 3, 40, 40), 2.0)
    part = AugmentationPart(erase=1.0, erase_area=(0.1, 0.2))

    covered = erase(images, part, seeded(seed)) != 2

    assert (covered.all(1) == covered.any(1)).all()
    areas = covered[:, 0].float().mean(dim=(1, 2))
    assert 0.05 < areas.min() <= areas.max() < 0.26


@QUICK
@given(seed=st.integers(0, 1000), kind=st.sampled_from(["mixup", "cutmix"]), channels=st.sampled_from([1, 3]))
def test_blended_targets_add_up_to_one(seed: int, kind: str, channels: int) -> None:
    images = noise(8, channels, 16, seed)
    targets = torch.eye(4).repeat(2, 1)

    blended, shares = blend(images, targets, AugmentationPart(**{kind: 1.0}), seeded(seed))

    assert blended.shape == images.shape
    assert 0 <= blended.min() <= blended.max() <= 1
    torch.testing.assert_close(shares.sum(1), torch.ones(8))
    assert shares.min() >= 0


def test_mixup_is_the_weighted_mean_of_a_pair() -> None:
    images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 4, 4)

    pictures, targets = mixed(images, torch.eye(2), torch.tensor([1, 0]), torch.tensor([0.75, 0.4]))

    torch.testing.assert_close(pictures[:, 0, 0, 0], torch.tensor([0.25, 0.4]))
    torch.testing.assert_close(targets, torch.tensor([[0.75, 0.25], [0.6, 0.4]]))


def test_cutmix_gives_a_partner_the_pixels_and_their_share() -> None:
    images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    covered = torch.zeros(2, 1, 4, 4, dtype=torch.bool)
    covered[0, :, :2, :2] = True

    pictures, targets = patched(images, torch.eye(2), torch.tensor([1, 0]), covered)

    assert pictures[0].mean() == 0.25
    assert torch.equal(pictures[1], images[1])
    torch.testing.assert_close(targets, torch.tensor([[0.75, 0.25], [0.0, 1.0]]))


def test_a_blended_pictures_targets_follow_its_pixels() -> None:
    """Each picture is full of its own number, so its mean tells how much of each is in it."""
    numbers = torch.arange(6) / 5
    images = numbers.view(6, 1, 1, 1).expand(6, 1, 20, 20)

    for kind, seed in itertools.product(("mixup", "cutmix"), range(10)):
        pictures, targets = blend(images, torch.eye(6), AugmentationPart(**{kind: 1.0}), seeded(seed))
        torch.testing.assert_close(pictures.mean(dim=(1, 2, 3)), targets @ numbers, atol=1e-5, rtol=1e-4)


def test_batches_are_blended_as_often_as_the_recipe_says() -> None:
    images, targets = noise(4, 1, 8), torch.eye(4)
    part, generator = AugmentationPart(mixup=0.3, cutmix=0.2), seeded()

    kinds = {"none": 0, "mixup": 0, "cutmix": 0}
    for _ in range(300):
        pictures, _targets = blend(images, targets, part, generator)
        if pictures is images:
            kinds["none"] += 1
            continue
        own = torch.isin(pictures, images).float().mean()
        kinds["cutmix" if own == 1 else "mixup"] += 1

    assert 120 <= kinds["none"] <= 180
    assert 60 <= kinds["mixup"] <= 120
    assert 35 <= kinds["cutmix"] <= 90


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_another_device_makes_the_same_choices() -> None:
    images, part = noise(6, 3, 33), AugmentationPart(**EVERYTHING)

    here = augment(images, part, 29, seeded(3))
    there = augment(images.cuda(), part, 29, seeded(3)).cpu()

    # Rounding of cosines may fall to the other side here and there.
    assert (here - there).abs().mean() < 5e-3

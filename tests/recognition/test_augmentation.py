"""Changes to training images, each against a result worked out another way."""

from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from recognition.lab.training.augmentation import as_webcams_give, augment, blend, cover_faces, covering
from recognition.lab.training.augmentation.draws import change_share
from recognition.lab.training.recipe import AugmentationPart
from tests.recognition.augmented_images import (
    FAST,
    noise,
    seeded,
)

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
    "cast": 0.7,
    "gray": 0.3,
    "dark": 0.5,
    "noise": 0.7,
}

SHARES = ("affine", "light", "colour", "blur", "jpeg", "shrink", "erase")


def test_every_field_of_a_recipe_is_tried_here() -> None:
    names = set(AugmentationPart.__struct_fields__)

    assert (
        set(EVERYTHING)
        | {"flip", "mixup", "mixup_alpha", "cutmix"}
        | {name for name in names if name.startswith(("rotate", "translate", "scale", "bright", "contrast"))}
        | {"saturation", "hue", "blur_sigma_px", "jpeg_quality", "shrink_to", "erase_area"}
        | {"cast_strength", "dark_to", "noise_deviation"}
        == names
    )


@FAST
@given(seed=st.integers(0, 1000), channels=st.sampled_from([1, 3]), side_px=st.sampled_from([33, 44, 48]))
def test_changed_images_stay_images(seed: int, channels: int, side_px: int) -> None:
    images = noise(5, channels, 48, seed)
    before = images.clone()

    changed = augment(images, AugmentationPart(**EVERYTHING), side_px, seeded(seed))

    assert changed.shape == (5, channels, side_px, side_px)
    assert 0 <= changed.min() <= changed.max() <= 1
    assert torch.equal(images, before)


@FAST
@given(seed=st.integers(0, 1000), channels=st.sampled_from([1, 3]))
def test_a_seed_gives_the_same_images_again_whatever_else_draws(seed: int, channels: int) -> None:
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


@FAST
@given(share=st.floats(0, 1), seed=st.integers(0, 1000))
def test_only_the_chosen_images_are_computed(share: float, seed: int) -> None:
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


def test_a_poor_webcam_takes_detail_and_moves_nothing() -> None:
    square = torch.zeros(16, 3, 64, 64)
    square[:, :, 20:36, 10:30] = 1
    fine = noise(16, 3, 64)

    assert as_webcams_give(square, 0.0, seeded()) is square
    for seen in as_webcams_give(square, 1.0, seeded()).mean(1):
        rows, columns = torch.nonzero(seen > (seen.min() + seen.max()) / 2, as_tuple=True)
        assert abs(rows.float().mean() - 27.5) < 1
        assert abs(columns.float().mean() - 19.5) < 1
    assert as_webcams_give(fine, 1.0, seeded()).diff(dim=3).std() < 0.5 * fine.diff(dim=3).std()


@given(st.floats(0, 40), st.floats(0, 40), st.floats(25, 60), st.floats(25, 60), st.integers(0, 2**32))
@FAST
def test_a_side_of_a_face_is_hidden_and_no_more(
    left: float, top: float, width: float, height: float, seed: int
) -> None:
    box = torch.tensor([left, top, left + width, top + height])
    images = torch.tensor([0.2, 0.8]).view(2, 1, 1, 1).expand(2, 3, 100, 100)

    with patch.object(covering, "DECOYS", 0):
        hidden = cover_faces(images, box[None], torch.tensor([1.0]), 1.0, seeded(seed)) != images

    assert not hidden[0].any()
    rows, columns = torch.nonzero(hidden[1].any(dim=0), as_tuple=True)
    x1, y1, x2, y2 = box.tolist()
    for places, low, high in ((columns, x1, x2), (rows, y1, y2)):
        assert places.min() >= low - 0.3 * (high - low) - 1
        assert places.max() <= high + 0.3 * (high - low) + 1
    inside = hidden[1].any(dim=0)[round(y1) : round(y2), round(x1) : round(x2)]
    assert 0.2 < inside.float().mean() < 0.6


def test_pieces_lie_where_no_face_is_too() -> None:
    images = torch.zeros(8, 3, 64, 64)
    boxes, owners = torch.tensor([[4.0, 4, 40, 40], [0, 0, 64, 30]]), torch.tensor([0, 1])

    seen = [cover_faces(images, boxes, owners, 1.0, seeded(seed)) for seed in range(40)]

    assert sum(bool(changed[2:].any()) for changed in seen) > 30

    # Of these two no side is hidden, so whatever changes is a piece beside a face.
    small = torch.tensor([[44.0, 44, 64, 64], [0, 0, 20, 20]])
    boxes, owners = torch.cat((boxes[:1], small)), torch.tensor([0, 1, 2])
    seen = [cover_faces(images, boxes, owners, 1.0, seeded(seed)) for seed in range(40)]
    assert sum(bool(changed[1].any()) for changed in seen) > 1
    assert not any(changed[1, :, 44:, 44:].any() or changed[2, :, :20, :20].any() for changed in seen)


def test_faces_too_small_or_not_chosen_stay_whole() -> None:
    images = noise(2, 3, 64)
    small, large, owners = torch.tensor([[4.0, 4, 20, 20]]), torch.tensor([[4.0, 4, 50, 50]]), torch.zeros(1)

    assert cover_faces(images, small, owners, 1.0, seeded()) is images
    assert cover_faces(images, large, owners, 0.0, seeded()) is images
    assert cover_faces(images, torch.zeros(0, 4), torch.zeros(0), 1.0, seeded()) is images
    assert not torch.equal(cover_faces(images, large, owners, 1.0, seeded()), images)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_another_device_makes_the_same_choices() -> None:
    images, part = noise(6, 3, 33), AugmentationPart(**EVERYTHING)

    here = augment(images, part, 29, seeded(3))
    there = augment(images.cuda(), part, 29, seeded(3)).cpu()

    # Rounding of cosines may fall to the other side here and there.
    assert (here - there).abs().mean() < 5e-3

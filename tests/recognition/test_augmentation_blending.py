"""Images blended in pairs: mixup and CutMix."""

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from recognition.lab.training.augmentation import blend
from recognition.lab.training.augmentation.blending import mixed, patched
from recognition.lab.training.recipe import AugmentationPart
from tests.recognition.augmented_images import (
    FAST,
    noise,
    seeded,
)


@FAST
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

    blended, targets = mixed(images, torch.eye(2), torch.tensor([1, 0]), torch.tensor([0.75, 0.4]))

    torch.testing.assert_close(blended[:, 0, 0, 0], torch.tensor([0.25, 0.4]))
    torch.testing.assert_close(targets, torch.tensor([[0.75, 0.25], [0.6, 0.4]]))


def test_cutmix_gives_a_partner_the_pixels_and_their_share() -> None:
    images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    covered = torch.zeros(2, 1, 4, 4, dtype=torch.bool)
    covered[0, :, :2, :2] = True

    blended, targets = patched(images, torch.eye(2), torch.tensor([1, 0]), covered)

    assert blended[0].mean() == 0.25
    assert torch.equal(blended[1], images[1])
    torch.testing.assert_close(targets, torch.tensor([[0.75, 0.25], [0.0, 1.0]]))


def test_a_blended_images_targets_follow_its_pixels() -> None:
    """Each image is full of its own number, so its mean shows how much of each is in it."""
    numbers = torch.arange(6) / 5
    images = numbers.view(6, 1, 1, 1).expand(6, 1, 20, 20)

    for kind, seed in itertools.product(("mixup", "cutmix"), range(10)):
        blended, targets = blend(images, torch.eye(6), AugmentationPart(**{kind: 1.0}), seeded(seed))
        torch.testing.assert_close(blended.mean(dim=(1, 2, 3)), targets @ numbers, atol=1e-5, rtol=1e-4)


def test_batches_are_blended_as_often_as_the_recipe_says() -> None:
    images, targets = noise(4, 1, 8), torch.eye(4)
    part, generator = AugmentationPart(mixup=0.3, cutmix=0.2), seeded()

    kinds = {"none": 0, "mixup": 0, "cutmix": 0}
    for _ in range(300):
        blended, _targets = blend(images, targets, part, generator)
        if blended is images:
            kinds["none"] += 1
            continue
        own = torch.isin(blended, images).float().mean()
        kinds["cutmix" if own == 1 else "mixup"] += 1

    assert 120 <= kinds["none"] <= 180
    assert 60 <= kinds["mixup"] <= 120
    assert 35 <= kinds["cutmix"] <= 90

"""What a batch costs, against torch's own functions and by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from recognition.errors import RecipeError
from recognition.lab.training.losses import Objective, annealed, label_weights
from recognition.lab.training.recipe import (
    AugmentationPart,
    DataPart,
    DistillationPart,
    LossPart,
    NetworkPart,
    Recipe,
)
from recognition.networks.loading import build_network

CLASSES = 4


class Echo(nn.Module):
    """A network whose logits are the first pixels of the image."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, : self.outputs]


def recipe_with(**parts: Any) -> Recipe:
    return Recipe("Test", NetworkPart("tiny"), 1, 4, **parts)


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 1, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def numbers() -> Tensor:
    return torch.tensor([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_plain_softmax_costs_what_torch_says(images: Tensor, numbers: Tensor, smoothing: float) -> None:
    objective = Objective(
        recipe_with(loss=LossPart(label_smoothing=smoothing)), Echo(CLASSES), torch.ones(CLASSES)
    )

    loss, logits = objective(images, functional.one_hot(numbers, CLASSES).float())

    expected = functional.cross_entropy(logits, numbers, label_smoothing=smoothing)
    assert torch.allclose(loss, expected)


def test_images_are_normalised_as_the_card_will_say(images: Tensor, numbers: Tensor) -> None:
    objective = Objective(recipe_with(data=DataPart(mean=0.5, std=0.25)), Echo(CLASSES), torch.ones(CLASSES))

    _, logits = objective(images, functional.one_hot(numbers, CLASSES).float())

    assert torch.allclose(logits, (images.flatten(1)[:, :CLASSES] - 0.5) / 0.25)


def test_rare_labels_weigh_more_and_the_mean_image_weighs_one() -> None:
    counts = torch.tensor([100, 50, 10])
    weights = label_weights(counts, 1.0)

    assert torch.allclose(weights * counts, (weights * counts)[0].expand(3))
    assert (weights * counts).sum() / counts.sum() == pytest.approx(1.0)
    assert torch.allclose(label_weights(counts, 0.0), torch.ones(3))


def test_images_that_all_raters_rejected_cost_nothing_beside(images: Tensor, numbers: Tensor) -> None:
    objective = Objective(recipe_with(loss=LossPart(auxiliary=0.5)), Echo(CLASSES + 8), torch.ones(CLASSES))
    own = functional.one_hot(numbers, CLASSES).float()
    rejected = torch.cat([own, torch.zeros(6, 8)], 1)
    voted = torch.cat([own, functional.one_hot(numbers, 8).float()], 1)

    plain, logits = objective(images, own)
    auxiliary = images.flatten(1)[:, CLASSES : CLASSES + 8]

    assert logits.shape == (6, CLASSES)
    assert torch.allclose(objective(images, rejected)[0], plain)
    expected = plain + 0.5 * functional.cross_entropy(auxiliary, numbers)
    assert torch.allclose(objective(images, voted)[0], expected)


def test_a_pupil_that_answers_as_its_teacher_has_nothing_to_learn(images: Tensor, numbers: Tensor) -> None:
    recipe = recipe_with(distillation=DistillationPart(share=1.0))
    targets = functional.one_hot(numbers, CLASSES).float()

    same = Objective(recipe, Echo(CLASSES), torch.ones(CLASSES), [Echo(CLASSES)])(images, targets)[0]
    other = Objective(recipe, Echo(CLASSES), torch.ones(CLASSES), [Backwards()])(images, targets)[0]

    assert same == pytest.approx(0.0, abs=1e-6)
    assert other > 1e-3


class Backwards(nn.Module):
    """A teacher of another opinion."""

    def forward(self, images: Tensor) -> Tensor:
        return -10 * images.flatten(1)[:, :CLASSES]


def test_lambda_falls_to_its_end_and_stays() -> None:
    part = LossPart(lambda_start=1000.0, lambda_end=5.0, lambda_decay=0.12)
    values = [annealed(part, step) for step in range(0, 5000, 50)]

    assert values[0] == 1000.0
    assert values == sorted(values, reverse=True)
    assert values[-1] == 5.0


def test_a_softmax_costs_more_than_softmax_on_the_same_answers() -> None:
    network = build_network(
        "cbam_resnet", classes=CLASSES, channels=1, widths=(16, 16), head="angular"
    ).eval()
    images, numbers = torch.rand(6, 1, 16, 16), torch.tensor([0, 1, 2, 3, 0, 1])
    targets = functional.one_hot(numbers, CLASSES).float()
    part = LossPart(kind="a_softmax", margin=4, lambda_start=5.0)

    loss, logits = Objective(recipe_with(loss=part), network, torch.ones(CLASSES))(images, targets)

    assert loss > functional.cross_entropy(logits, numbers)


@pytest.mark.parametrize(
    ("loss", "augmentation"),
    [
        (LossPart(kind="a_softmax"), AugmentationPart(mixup=0.5)),
        (LossPart(kind="a_softmax", label_smoothing=0.1), AugmentationPart()),
    ],
)
def test_a_softmax_refuses_shared_targets(loss: LossPart, augmentation: AugmentationPart) -> None:
    network = build_network("cbam_resnet", classes=CLASSES, channels=1, widths=(16, 16), head="angular")

    with pytest.raises(RecipeError, match="one true label"):
        Objective(recipe_with(loss=loss, augmentation=augmentation), network, torch.ones(CLASSES))


def test_a_softmax_needs_an_angular_head() -> None:
    with pytest.raises(RecipeError, match="head"):
        Objective(recipe_with(loss=LossPart(kind="a_softmax")), Echo(CLASSES), torch.ones(CLASSES))

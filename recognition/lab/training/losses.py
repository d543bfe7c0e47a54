"""Losses: cross-entropy to soft targets, A-Softmax, an auxiliary loss on FER+'s votes, and distillation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from recognition.errors import RecipeError
from recognition.lab.training.angular import angular_margin_logits
from recognition.lab.training.recipe import LossPart, Recipe
from recognition.networks.angular_linear import AngularLinear


class Objective:
    """The loss of one batch, as a recipe says.

    Images are (n, c, h, w) in 0..1. Targets are (n, classes) shares; with an auxiliary head FER+'s votes
    (n, 8) stand beside them in the same rows, (n, classes + 8), so that blending images blends both.
    """

    def __init__(
        self, recipe: Recipe, network: nn.Module, label_weights: Tensor, teachers: Sequence[nn.Module] = ()
    ) -> None:
        self.part, self.teaching = recipe.loss, recipe.distillation
        self.network, self.teachers = network, teachers
        self.label_weights = label_weights
        self.mean, self.std = recipe.data.mean, recipe.data.std
        self.steps = 0
        self._angular = _AngularHead(network) if recipe.loss.kind == "a_softmax" else None
        blended = recipe.augmentation.mixup or recipe.augmentation.cutmix
        if self._angular and (blended or recipe.loss.label_smoothing):
            raise RecipeError(
                "A-Softmax needs one true label per image; switch mixup, cutmix and smoothing off."
            )

    @property
    def classes(self) -> int:
        """How many outputs are the answer; the others are the auxiliary head's."""
        return len(self.label_weights)

    def __call__(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss, a mean over the images, and the answer's logits (n, classes)."""
        output = self.network((images - self.mean) / self.std).float()
        logits, own, votes = output[:, : self.classes], targets[:, : self.classes], targets[:, self.classes :]
        loss = self._own_loss(logits, own)
        if self.teachers:
            share = self.teaching.share
            loss = (1 - share) * loss + share * self._distillation_loss(images, logits)
        if votes.shape[1]:
            auxiliary = output[:, self.classes :].log_softmax(1)
            loss = loss - self.part.auxiliary * (votes * auxiliary).sum(1).mean()
        return loss, logits

    def _own_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        weights = targets @ self.label_weights
        if self._angular is not None:
            numbers = targets.argmax(1)
            logits = angular_margin_logits(
                self._angular.features, logits, numbers, self.part.margin, annealed(self.part, self.steps)
            )
        smoothing = self.part.label_smoothing
        # A row of zeros teaches nothing, smoothed or not.
        smoothed = targets * (1 - smoothing) + smoothing / self.classes * targets.sum(1, keepdim=True)
        return -((smoothed * logits.log_softmax(1)).sum(1) * weights).mean()

    def _distillation_loss(self, images: Tensor, logits: Tensor) -> Tensor:
        """Divergence from the teachers' mean, at a temperature (Hinton et al. 2015, section 2)."""
        temperature = self.teaching.temperature
        with torch.no_grad():
            answers = [(teacher(images).float() / temperature).softmax(1) for teacher in self.teachers]
            mean = torch.stack([answer[:, : self.classes] for answer in answers]).mean(0)
        softened = (logits / temperature).log_softmax(1)
        return temperature**2 * functional.kl_div(softened, mean, reduction="batchmean")


def annealed(part: LossPart, step: int) -> float:
    """A-Softmax's lambda at a step: large at first, so that training starts as with plain softmax."""
    return max(part.lambda_end, part.lambda_start / (1 + part.lambda_decay * step))


def label_weights(counts: Tensor, power: float) -> Tensor:
    """Weights (classes,) by rarity: (1 / count) ** power, so scaled that the mean image weighs 1."""
    weights = counts.clamp_min(1).float() ** -power
    return weights * counts.sum() / (weights * counts).sum()


class _AngularHead:
    """Stores the input of a network's last layer, which A-Softmax needs in addition to the logits."""

    def __init__(self, network: nn.Module) -> None:
        layers = [module for module in network.modules() if isinstance(module, AngularLinear)]
        if len(layers) != 1:
            raise RecipeError('A-Softmax needs a network with network.arguments.head = "angular".')
        layers[0].register_forward_pre_hook(self._remember)
        self.features: Tensor

    def _remember(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.features = inputs[0].float()

"""Measures epochs: on a held-out split, or on several domains, of which the worst counts."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn import functional

from recognition.lab.training.checkpoint import Checkpoint
from recognition.lab.training.domains import Domain, DomainFigures, measure_domains, shortfall
from recognition.lab.training.recipe import Recipe
from recognition.lab.training.resident_images import ResidentImages
from recognition.models.cards import CardInput
from recognition.networks.loading import FromPixels

EVALUATION_BATCH = 256


class Choice(Protocol):
    """Measures epochs; `state` is what a resumed run needs to know of the earlier ones."""

    state: dict[str, Any]

    def measure(self, network: nn.Module, epoch: int) -> tuple[float, float]:
        """Return the loss and the accuracy of an epoch's network."""
        ...

    def load_best(self, network: nn.Module) -> None:
        """Load the weights of the best epoch, where the last one is not the result."""
        ...


class SplitChoice:
    """Mean cross-entropy and accuracy over one split's images, without changes; the last epoch counts."""

    def __init__(self, data: ResidentImages, recipe: Recipe, device: torch.device) -> None:
        self.data, self.part, self.device = data, recipe.data, device
        self.state: dict[str, Any] = {}

    @torch.no_grad()
    def measure(self, network: nn.Module, epoch: int) -> tuple[float, float]:
        """Return the loss and the accuracy of an epoch's network."""
        network.eval()
        data, part, device = self.data, self.part, self.device
        loss, right, classes = 0.0, 0, data.targets.shape[1]
        for start in range(0, len(data), EVALUATION_BATCH):
            images = data.images[start : start + EVALUATION_BATCH].to(device).float() / 255
            true = data.targets[start : start + EVALUATION_BATCH].to(device).argmax(1)
            images = ((images - part.mean) / part.std).contiguous(memory_format=torch.channels_last)
            logits = network(images)[:, :classes]
            loss += functional.cross_entropy(logits, true, reduction="sum").item()
            right += int((logits.argmax(1) == true).sum())
        return loss / len(data), right / len(data)

    def load_best(self, network: nn.Module) -> None:
        """Leave the weights as they are: the last epoch is the result."""


class DomainChoice:
    """The figures of every domain, also in `domains.csv`, and the weights of the best epoch in `best.pt`.

    The loss is the shortfall of the worst domain from its `wanted` accuracy; the accuracy is the lowest.
    """

    def __init__(self, domains: Sequence[Domain], recipe: Recipe, device: torch.device, out: Path) -> None:
        self.domains, self.device, self.file = domains, device, out / "domains.csv"
        self.input = CardInput(recipe.data.size_px, recipe.data.size_px, 3, recipe.data.mean, recipe.data.std)
        self.best = Checkpoint(out, "best.pt")
        self.state: dict[str, Any] = {}

    def measure(self, network: nn.Module, epoch: int) -> tuple[float, float]:
        """Measure an epoch's network on every domain and keep its weights if no epoch was better."""
        figures = measure_domains(FromPixels(network, self.input), self.domains, self.device)
        short = shortfall(self.domains, figures)
        self._write(epoch, short, figures)
        if short < self.state.get("shortfall", float("inf")):
            self.state = {"shortfall": short, "epoch": epoch}
            self.best.save(network.state_dict())
        return short, min(figure.accuracy for figure in figures)

    def load_best(self, network: nn.Module) -> None:
        """Load the weights of the best epoch."""
        network.load_state_dict(self.best.load(self.device))

    def _write(self, epoch: int, short: float, figures: Sequence[DomainFigures]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        is_new = epoch == 1 or not self.file.is_file()
        with self.file.open("w" if is_new else "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                columns = ("domain", *DomainFigures._fields)
                writer.writerow(("epoch", "shortfall", *columns))
            for domain, figure in zip(self.domains, figures, strict=True):
                values = (f"{value:.4f}" for value in figure)
                writer.writerow((epoch, f"{short:.4f}", domain.part.name, *values))

"""Measures a model on webcam-like images, and whether its probabilities remain calibrated on other images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from recognition.devices import resolve_device
from recognition.lab.evaluation.metrics import halved_calibration_error
from recognition.lab.evaluation.runner import read_labelled
from recognition.lab.evaluation.test_time_augmentation import tta_logits
from recognition.lab.evaluation.webcam_changes import CHANGES
from recognition.models.cards import Card
from recognition.models.labels import label_positions
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray


@dataclass(frozen=True, slots=True)
class WebcamReport:
    """Accuracies as fractions of `n` images; `mean` and `drop` are over the changes.

    `ece_half`: expected calibration error on one half of the images with the calibration of the other
    one, a mean over halvings. `ece_chance`: what so many answers, perfectly calibrated, show.
    """

    n: int
    clean: float
    changed: dict[str, float]
    mean: float
    drop: float
    ece_half: float
    ece_chance: float


def probe_webcam(
    card: Card, folder: Path, data: Path, split: str | None, labels: tuple[str, ...], views: str, device: str
) -> WebcamReport:
    """Ask a card's network about each image as it is and after every change. Raises DataError."""
    chosen = read_labelled(data, split, labels, card).data
    head = card.head(labels)
    network = FromPixels.of_head(load_network(card, folder), card.input, head)
    where, positions = torch.device(resolve_device(device)), label_positions(head.labels, labels)

    def answers(images: np.ndarray) -> FloatArray:
        return tta_logits(network, images, views, where)[:, positions]

    clean = answers(chosen.images)
    changed = {
        name: _accuracy(answers(np.stack([change(image) for image in chosen.images])), chosen.targets)
        for name, change in CHANGES.items()
    }
    accuracy, mean = _accuracy(clean, chosen.targets), float(np.mean(list(changed.values())))
    ece, chance = halved_calibration_error(clean, chosen.targets)
    return WebcamReport(len(clean), accuracy, changed, mean, accuracy - mean, ece, chance)


def _accuracy(logits: FloatArray, targets: np.ndarray) -> float:
    return float((logits.argmax(1) == targets).mean())

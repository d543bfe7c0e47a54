"""Held-out sets of several domains, measured after every epoch; the worst decides which epoch is the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from recognition.lab.evaluation.metrics import calibration_error
from recognition.lab.training.recipe import DomainPart
from recognition.models.labels import softmax
from recognition.models.tasks import LABEL_SETS
from recognition.types import FloatArray, UInt8Array

BATCH = 256
# Where the logits of each head start, among those of a network with both.
HEADS = {"fer7": 0, "ferplus8": len(LABEL_SETS["fer7"])}


@dataclass(frozen=True)
class Domain:
    """A recipe's domain with its images (n, h, w, 3), cropped for the network, and their label indices.

    `names` (n,): the images' names in reports.
    """

    part: DomainPart
    images: UInt8Array
    targets: npt.NDArray[np.int64]
    names: npt.NDArray[np.str_]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the head that is measured."""
        return LABEL_SETS[self.part.label_set]

    def answers(self, logits: FloatArray) -> FloatArray:
        """Return the logits (n, labels) of this domain's head, out of all of the network's."""
        first = HEADS[self.part.label_set]
        return logits[:, first : first + len(self.labels)]


class DomainFigures(NamedTuple):
    """Fractions: accuracy, mean recall of the labels, calibration error, mean confidence minus accuracy."""

    accuracy: float
    macro_recall: float
    calibration_error: float
    overconfidence: float

    @classmethod
    def of(cls, probabilities: FloatArray, targets: npt.NDArray[np.int64]) -> "DomainFigures":
        """Measure probabilities (n, labels) against the true label indices (n,)."""
        right = probabilities.argmax(axis=1) == targets
        recalls = [float(right[targets == number].mean()) for number in np.unique(targets)]
        accuracy = float(right.mean())
        return cls(
            accuracy,
            float(np.mean(recalls)),
            calibration_error(probabilities, targets),
            float(probabilities.max(axis=1).mean()) - accuracy,
        )


def shortfall(domains: Sequence[Domain], figures: Sequence[DomainFigures]) -> float:
    """Return the worst domain's shortfall from its `wanted` accuracy; negative if every domain exceeds it."""
    return max(domain.part.wanted - figure.accuracy for domain, figure in zip(domains, figures, strict=True))


def measure_domains(
    network: nn.Module, domains: Sequence[Domain], device: torch.device
) -> list[DomainFigures]:
    """Measure a network that takes pixels (n, h, w, 3), without calibration."""
    return [
        DomainFigures.of(softmax(domain.answers(logits_of(network, domain.images, device))), domain.targets)
        for domain in domains
    ]


@torch.no_grad()
def logits_of(network: nn.Module, images: UInt8Array, device: torch.device) -> FloatArray:
    """Return the logits (n, outputs) of RGB images (n, h, w, 3), which the network takes as pixels."""
    network.eval()
    batches = torch.split(torch.from_numpy(images), BATCH)
    return np.asarray(torch.cat([network(batch.to(device)).float().cpu() for batch in batches]).numpy())

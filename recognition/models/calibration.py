"""Converts a network's logits to calibrated probabilities, which match how often predictions are correct."""

from typing import NamedTuple

import numpy as np

from recognition.models.labels import softmax
from recognition.types import FloatArray


class Calibration(NamedTuple):
    """The two numbers of a card that turn a head's logits into probabilities.

    With p the softmax of the logits over `temperature` (Guo et al. 2017, section 4.2), probabilities are the
    softmax of ln p - damping * p. A temperature alone can leave answers of medium confidence overconfident.
    `damping` in 0..2 keeps the order of the labels, since ln a - ln b >= 2 (a - b) where a >= b and
    a + b <= 1: an intra order-preserving function (Rahimi et al. 2020, section 3).
    """

    temperature: float = 1.0
    damping: float = 0.0

    def probabilities(self, logits: FloatArray) -> FloatArray:
        """Turn logits (..., labels) into probabilities."""
        return softmax(logits / self.temperature - self.damping * softmax(logits, self.temperature))


def toward_even(probabilities: FloatArray, known_logit: FloatArray) -> FloatArray:
    """Mix probabilities (..., labels) with even ones by how likely the image is none of the labels.

    `known_logit` (...) says how likely it is one of them: far above 0 nothing changes, far below 0 every
    label is as likely as the next. The order of the labels stays, and so does their sum of 1.
    """
    known = 1 / (1 + np.exp(-np.clip(known_logit, -50, 50).astype(np.float32)))[..., np.newaxis]
    mixed = known * probabilities + (1 - known) / probabilities.shape[-1]
    return np.asarray(mixed, dtype=np.float32)

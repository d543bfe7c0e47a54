"""Label sets, and the restriction of a model's prediction to another set.

A restriction leaves out labels and renormalizes, which equals a softmax over the remaining logits.
"""

from collections.abc import Sequence

import numpy as np

from recognition.errors import LabelSetUnknown
from recognition.models.tasks import LABEL_SETS
from recognition.types import FloatArray


def label_sets_of(labels: Sequence[str]) -> tuple[str, ...]:
    """Name the label sets that a model with `labels` can answer, its own first; empty where none fits."""
    own = [name for name, members in LABEL_SETS.items() if members == tuple(labels)]
    subsets = [name for name, members in LABEL_SETS.items() if set(members) < set(labels)]
    return (*own, *subsets)


def label_positions(labels: Sequence[str], label_set: Sequence[str]) -> list[int]:
    """Return the index of each label of `label_set` in `labels`; raise LabelSetUnknown if one is missing."""
    missing = [label for label in label_set if label not in labels]
    if missing:
        raise LabelSetUnknown(
            f"The model does not know {', '.join(missing)}; choose a label set among its own labels."
        )
    return [list(labels).index(label) for label in label_set]


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Turn logits (..., labels) into probabilities, divided by `temperature` (Guo et al. 2017, 4.2)."""
    scaled = logits.astype(np.float32) / np.float32(temperature)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def restrict(probabilities: FloatArray, positions: Sequence[int]) -> FloatArray:
    """Keep the labels at `positions` of (..., labels) and renormalize; uniform where nothing remains."""
    kept = probabilities[..., list(positions)]
    total = kept.sum(axis=-1, keepdims=True)
    uniform = np.full_like(kept, 1 / kept.shape[-1])
    return np.asarray(np.where(total > 0, kept / np.where(total > 0, total, 1), uniform), dtype=np.float32)

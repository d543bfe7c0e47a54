"""Figures about probabilities (n, labels) and right answers (n,): accuracy with interval, F1, calibration."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition.labels import FloatArray, softmax

ECE_BINS = 15
Targets = npt.NDArray[np.int64]


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), as fractions."""
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def calibration_error(probabilities: FloatArray, targets: Targets) -> float:
    """Expected calibration error over 15 equal bins of the top probability (Guo et al. 2017, equation 3)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [
        abs(float(right[bins == number].mean()) - float(confidence[bins == number].mean()))
        * float((bins == number).mean())
        for number in np.unique(bins)
    ]
    return float(sum(gaps))


def fit_temperature(logits: FloatArray, targets: Targets) -> float:
    """The temperature in 0.3..5 with the least negative log likelihood (Guo et al. 2017, section 4.2)."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(targets))

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits, temperature)[rows, targets] + 1e-12).mean())

    return float(minimize_scalar(loss, bounds=(0.3, 5.0), method="bounded").x)


def uncertain_threshold(probabilities: FloatArray, targets: Targets) -> float:
    """The confidence under which answers are wrong more often than right, in steps of .05 from the top down.

    0 where even the least confident answers are mostly right.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    for upper in np.arange(0.95, 0.0, -0.05):
        members = right[(confidence <= upper) & (confidence > upper - 0.05)]
        if len(members) >= 20 and members.mean() < 0.5:
            return round(float(upper), 2)
    return 0.0


def summarise(
    probabilities: FloatArray, targets: Targets, labels: Sequence[str], left_out: int
) -> dict[str, Any]:
    """The figures that `evaluate` prints, but for the calibration: fractions, and the confusion as counts.

    A row of `confusion` is a true label, a column an answered one, in the order of `labels`.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    answers = probabilities.argmax(axis=1)
    numbers = list(range(len(labels)))
    precision, recall, f1, support = precision_recall_fscore_support(
        targets, answers, labels=numbers, zero_division=0
    )
    right = int((answers == targets).sum())
    return {
        "n": len(targets),
        "left_out": left_out,
        "accuracy": right / len(targets),
        "ci95": list(wilson_interval(right, len(targets))),
        "macro_precision": float(precision.mean()),
        "macro_recall": float(recall.mean()),
        "macro_f1": float(f1.mean()),
        "per_class": {
            label: {
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
                "support": int(support[number]),
            }
            for number, label in enumerate(labels)
        },
        "confusion": confusion_matrix(targets, answers, labels=numbers).tolist(),
        "labels": list(labels),
    }

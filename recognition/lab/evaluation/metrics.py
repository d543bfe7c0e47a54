"""Metrics of probabilities (n, labels) against true labels (n,): accuracy, F1, calibration, risk.

The confidence of a prediction is its probability, the highest of its row.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recognition.models.calibration import Calibration
from recognition.options import RIGHT_SHARE
from recognition.types import FloatArray

ECE_BINS = 15
CHANCE_DRAWS = 100
HALVINGS = 20
TOPS = (2, 5)
CURVE_POINTS = 100
Targets = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


class Reliability(NamedTuple):
    """Answers in equal bins of their confidence; all (bins,), of bins that hold any, by rising confidence.

    `confidence`: their mean, `accuracy`: the share of them that is right, `share`: theirs of all answers.
    """

    confidence: Numbers
    accuracy: Numbers
    share: Numbers


class RiskCoverage(NamedTuple):
    """Errors among the answers kept, by confidence; all (points,), from the most confident on.

    Kept at a point are the answers of at least its `confidence`, which are `coverage` of all; `risk` is the
    share of the kept that is wrong (El-Yaniv and Wiener 2010, section 2). The last point keeps all answers.
    """

    confidence: Numbers
    coverage: Numbers
    risk: Numbers


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), as fractions."""
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def reliability(probabilities: FloatArray, targets: Targets) -> Reliability:
    """Accuracy against mean confidence, over 15 equal bins of the confidence."""
    confidence, right = _graded(probabilities, targets)
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    members = [bins == number for number in np.unique(bins)]
    return Reliability(
        np.array([confidence[chosen].mean() for chosen in members]),
        np.array([right[chosen].mean() for chosen in members]),
        np.array([chosen.mean() for chosen in members]),
    )


def calibration_error(probabilities: FloatArray, targets: Targets) -> float:
    """Expected calibration error over 15 equal bins of the top probability (Guo et al. 2017, equation 3)."""
    bins = reliability(probabilities, targets)
    return float((bins.share * np.abs(bins.accuracy - bins.confidence)).sum())


def calibration_error_by_chance(probabilities: FloatArray) -> float:
    """The calibration error that so many answers, perfectly calibrated, show on average.

    Right answers are drawn from the probabilities themselves (Broecker and Smith 2007, section 3). The error
    is a mean of distances, so that it is never 0 with few answers.
    """
    generator = np.random.default_rng(0)
    ends = np.asarray(probabilities, np.float64).cumsum(axis=1)
    draws = generator.random((CHANCE_DRAWS, len(ends), 1)) * ends[:, -1:]
    return float(np.mean([calibration_error(probabilities, (ends <= drawn).sum(axis=1)) for drawn in draws]))


def fit_calibration(logits: FloatArray, targets: Targets) -> Calibration:
    """The temperature in 0.3..5 and damping in 0..2 with the least negative log likelihood."""
    from scipy.optimize import minimize

    rows = np.arange(len(targets))

    def loss(parameters: Numbers) -> float:
        probabilities = Calibration(*parameters.tolist()).probabilities(logits)
        return float(-np.log(probabilities[rows, targets] + 1e-12).mean())

    # Probabilities are of single precision, too coarse for a method that takes slopes.
    found = minimize(loss, (1.0, 0.5), bounds=((0.3, 5.0), (0.0, 2.0)), method="Nelder-Mead")
    return Calibration(*found.x.tolist())


def halved_calibration_error(logits: FloatArray, targets: Targets) -> tuple[float, float]:
    """The calibration error of one half with the calibration of the other, and what chance alone would show.

    Both are means over HALVINGS random halvings: one alone, of 3,600 answers, may be .007 off.
    """
    generator = np.random.default_rng(0)
    errors = []
    for _ in range(HALVINGS):
        order = generator.permutation(len(targets))
        fitted, judged = order[::2], order[1::2]
        probabilities = fit_calibration(logits[fitted], targets[fitted]).probabilities(logits[judged])
        error = calibration_error(probabilities, targets[judged])
        errors.append((error, calibration_error_by_chance(probabilities)))
    ece, chance = np.mean(errors, axis=0)
    return float(ece), float(chance)


def risk_coverage(probabilities: FloatArray, targets: Targets) -> RiskCoverage:
    """The risk-coverage curve, one point for each confidence that occurs."""
    confidence, right = _graded(probabilities, targets)
    order = np.argsort(-confidence, kind="stable")
    confidence, wrong = confidence[order], ~right[order]
    kept = np.arange(1, len(order) + 1)
    # Answers that are equally confident are kept or given up together.
    last_of_equals = np.append(np.diff(confidence) != 0, True)
    coverage, risk = kept / len(order), np.cumsum(wrong) / kept
    return RiskCoverage(confidence[last_of_equals], coverage[last_of_equals], risk[last_of_equals])


def uncertain_threshold(
    probabilities: FloatArray, targets: Targets, right_share: float = RIGHT_SHARE
) -> float:
    """The lowest confidence, in hundredths, from which on answers are right often enough (`right_share`).

    0 where all answers together are, 1 where even the most confident are not.
    """
    curve = risk_coverage(probabilities, targets)
    for threshold in np.arange(0, 100) / 100:
        kept = np.flatnonzero(curve.confidence >= threshold)
        if kept.size and 1 - curve.risk[kept[-1]] >= right_share:
            return float(threshold)
    return 1.0


def worst_mistakes(probabilities: FloatArray, targets: Targets, most: int) -> npt.NDArray[np.intp]:
    """Numbers of at most `most` wrong answers, the most confident first."""
    confidence, right = _graded(probabilities, targets)
    order = np.argsort(-confidence, kind="stable")
    return order[~right[order]][:most]


def summarise(
    probabilities: FloatArray, targets: Targets, labels: Sequence[str], left_out: int
) -> dict[str, Any]:
    """The figures that `evaluate` prints, but for the calibration: fractions, and the confusion as counts.

    The macro figures are means over the labels that have images; `labels_without_images` names the others.
    A row of `confusion` is a true label, a column an answered one, in the order of `labels`. `top2` and
    `top5` stand only where there are more labels than that. `risk_coverage` is thinned to a hundred
    points at most.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score

    answers = probabilities.argmax(axis=1)
    numbers = list(range(len(labels)))
    precision, recall, f1, support = precision_recall_fscore_support(
        targets, answers, labels=numbers, zero_division=0
    )
    asked = support > 0
    right = int((answers == targets).sum())
    tops = {
        f"top{k}": float(top_k_accuracy_score(targets, probabilities, k=k, labels=numbers))
        for k in TOPS
        if k < len(labels)
    }
    return {
        "n": len(targets),
        "left_out": left_out,
        "accuracy": right / len(targets),
        "ci95": list(wilson_interval(right, len(targets))),
        **tops,
        "macro_precision": float(precision[asked].mean()),
        "macro_recall": float(recall[asked].mean()),
        "macro_f1": float(f1[asked].mean()),
        "per_class": {
            label: {
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
                "support": int(support[number]),
            }
            for number, label in enumerate(labels)
        },
        "labels_without_images": [label for label, there in zip(labels, asked, strict=True) if not there],
        "confusion": confusion_matrix(targets, answers, labels=numbers).tolist(),
        "labels": list(labels),
        "risk_coverage": _thinned(risk_coverage(probabilities, targets)),
    }


def _graded(probabilities: FloatArray, targets: Targets) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """The confidence of each answer, and whether it is right."""
    return probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == targets


def _thinned(curve: RiskCoverage) -> dict[str, list[float]]:
    """A curve as lists of at most CURVE_POINTS points, the first and the last among them."""
    points = len(curve.coverage)
    kept = np.unique(np.linspace(0, points - 1, min(points, CURVE_POINTS)).round().astype(int))
    return {name: values[kept].tolist() for name, values in curve._asdict().items()}

"""Evaluating a model on labelled pictures in one of its label sets."""

from typing import Any

from recognition.data.split import Split
from recognition.evaluation.metrics import calibration_error, summarise
from recognition.labels import FloatArray, label_positions, softmax


def evaluate_logits(
    logits: FloatArray, labels: tuple[str, ...], temperature: float, split: Split
) -> dict[str, Any]:
    """Report on logits (n, model labels) for a split whose labels are among the model's.

    Raises LabelSetUnknown where the split has labels that the model lacks.
    """
    chosen = logits[:, label_positions(labels, split.data.labels)]
    before, after = softmax(chosen), softmax(chosen, temperature)
    report = summarise(after, split.data.targets, split.data.labels, split.left_out)
    report["ece"] = {
        "before": calibration_error(before, split.data.targets),
        "after": calibration_error(after, split.data.targets),
    }
    return report

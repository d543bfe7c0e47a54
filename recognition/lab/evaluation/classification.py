"""Evaluates a model on labeled images in one of its label sets."""

from typing import Any, NamedTuple

from recognition.lab.data.split import Split
from recognition.lab.evaluation.metrics import calibration_error, summarise
from recognition.models.cards import Head
from recognition.models.labels import label_positions, restrict, softmax
from recognition.types import FloatArray


class Answers(NamedTuple):
    """Probabilities (n, labels) about a split in its labels, `before` and `after` the card's calibration."""

    before: FloatArray
    after: FloatArray


def answers_in(logits: FloatArray, head: Head, labels: tuple[str, ...]) -> Answers:
    """Turn a head's logits (n, its labels) into answers in some of its labels; raise LabelSetUnknown."""
    positions = label_positions(head.labels, labels)
    calibrated = head.calibration.probabilities(logits)
    return Answers(restrict(softmax(logits), positions), restrict(calibrated, positions))


def evaluate_answers(answers: Answers, split: Split) -> dict[str, Any]:
    """Report on a split by answers in its labels."""
    report = summarise(answers.after, split.data.targets, split.data.labels, split.left_out)
    report["ece"] = {
        name: calibration_error(probabilities, split.data.targets)
        for name, probabilities in answers._asdict().items()
    }
    return report

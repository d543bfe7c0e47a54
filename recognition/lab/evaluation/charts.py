"""Charts of an evaluation: the confusion matrix, risk over coverage, and the reliability diagram."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recognition.lab.evaluation.metrics import ECE_BINS, Reliability, RiskCoverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Counts = npt.NDArray[np.int64]

DPI = 110
CELL_INCHES = 0.55
DARK_SHARE = 0.5  # from here on a cell's count is written in white


def save_confusion(counts: Counts, labels: Sequence[str], file: Path) -> None:
    """Draw one confusion matrix as PNG, as `draw_confusion` does."""
    from matplotlib.figure import Figure

    side = confusion_inches(labels)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    draw_confusion(figure.subplots(), counts, labels)
    figure.savefig(file, dpi=DPI)


def confusion_inches(labels: Sequence[str]) -> float:
    """How tall and wide a confusion matrix must be to be read."""
    return 2 + CELL_INCHES * max(len(labels), 4)


def draw_confusion(axes: "Axes", counts: Counts, labels: Sequence[str], title: str = "") -> None:
    """Draw counts (true, answered): shade by the share of the row, numbers as they are."""
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(rows, 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.figure.colorbar(image, ax=axes, label="share of the true label", shrink=0.8)
    numbers = range(len(labels))
    axes.set_xticks(numbers, labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(numbers, labels)
    axes.set(xlabel="answered", ylabel="true", title=title)
    for true, answered in np.ndindex(*counts.shape):
        shade = "white" if shares[true, answered] > DARK_SHARE else "black"
        axes.text(
            answered, true, str(counts[true, answered]), ha="center", va="center", color=shade, fontsize=8
        )


def save_risk_coverage(curve: RiskCoverage, right_share: float, file: Path) -> None:
    """Draw the share of wrong answers over the share of answers kept, and the risk that is allowed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(curve.coverage, curve.risk)
    axes.axhline(1 - right_share, color="grey", linestyle=":", label=f"right {right_share:.0%} of the time")
    axes.set(xlabel="share of answers kept, the most confident first", ylabel="share of them that is wrong")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.legend()
    figure.savefig(file, dpi=DPI)


def save_reliability(before: Reliability, after: Reliability, file: Path) -> None:
    """Draw accuracy over confidence before and after calibration, and the histogram of the confidence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot((0, 1), (0, 1), color="grey", linestyle=":", label="perfect calibration")
    for name, bins in (("before calibration", before), ("after calibration", after)):
        upper.plot(bins.confidence, bins.accuracy, marker="o", markersize=4, label=name)
    lower.bar(after.confidence, after.share, width=0.8 / ECE_BINS)
    upper.set(ylabel="share of answers that is right", xlim=(0, 1), ylim=(0, 1))
    lower.set(xlabel="confidence", ylabel="share of answers")
    upper.legend()
    figure.savefig(file, dpi=DPI)

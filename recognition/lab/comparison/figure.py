"""A comparison as one image: table, accuracies, confusion matrices side by side, sample predictions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recognition.lab.comparison.report import HEADINGS, Report, table_rows
from recognition.lab.evaluation.charts import confusion_inches, draw_confusion
from recognition.types import UInt8Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

WIDTH_IN = 16.0
DPI = 110
MARGIN_IN = 0.6
SAMPLES_A_ROW = 6
RIGHT, WRONG = "#17693a", "#b3261e"


def draw_report(report: Report, images: UInt8Array, file: Path) -> None:
    """Write the PNG."""
    networks, samples = len(report.entries), len(report.samples)
    heights = [
        1.3 + 0.36 * networks,
        0.9 + 0.34 * networks,
        confusion_inches(report.labels) * -(-networks // matrices_a_row(report.labels)),
        (2.1 + 0.24 * networks) * -(-samples // SAMPLES_A_ROW),
    ]
    figure = new_figure(sum(heights))
    parts = figure.subfigures(4, 1, squeeze=False, height_ratios=heights)
    table, bars, matrices, predictions = parts.ravel()
    figure.suptitle(report.title, fontsize=16, fontweight="bold")
    draw_table(table.subplots(), HEADINGS, table_rows(report))
    _draw_accuracies(bars.subplots(), report)
    draw_confusions(matrices, report.labels, [(entry.name, entry.confusion) for entry in report.entries])
    _draw_samples(predictions, report, images)
    figure.savefig(file, dpi=DPI)


def new_figure(height_in: float) -> "Figure":
    """An empty figure that needs no screen and touches no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def draw_table(axis: "Axes", headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Words and figures in columns as wide as they need."""
    axis.axis("off")
    table = axis.table(
        [list(row) for row in rows],
        colLabels=list(headings),
        loc="center",
        cellLoc="right",
        edges="horizontal",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(10)
    table.auto_set_column_width(list(range(len(headings))))
    table.scale(1, 1.5)
    for (row, column), cell in table.get_celld().items():
        if row == 0:
            cell.set_text_props(fontweight="bold")
        if column == 0:
            cell.set_text_props(ha="left")


def draw_confusions(
    figure: "Figure | SubFigure",
    labels: Sequence[str],
    matrices: Sequence[tuple[str, Sequence[Sequence[int]]]],
) -> None:
    """Confusion matrices side by side."""
    columns = matrices_a_row(labels)
    axes = figure.subplots(-(-len(matrices) // columns), columns, squeeze=False).ravel()
    for axis in axes[len(matrices) :]:
        axis.axis("off")
    for axis, (name, counts) in zip(axes, matrices, strict=False):
        draw_confusion(axis, np.array(counts), labels, name)


def matrices_a_row(labels: Sequence[str]) -> int:
    """How many confusion matrices fit side by side and remain readable."""
    return max(int(WIDTH_IN / (confusion_inches(labels) - MARGIN_IN)), 1)


def _draw_accuracies(axis: "Axes", report: Report) -> None:
    """A point with its interval for each network, the first on top."""
    values = np.array([entry.accuracy for entry in report.entries])
    intervals = np.array([entry.ci95 for entry in report.entries])
    reach = np.stack([values - intervals[:, 0], intervals[:, 1] - values]).clip(min=0)
    places = np.arange(len(values))
    axis.errorbar(values, places, xerr=reach, fmt="o", capsize=4, color="#1f4e9c")
    axis.axvline(1 / len(report.labels), color="#888888", linestyle=":", label="chance")
    axis.set(
        yticks=places,
        yticklabels=[entry.name for entry in report.entries],
        xlim=(0, 1),
        ylim=(len(values) - 0.5, -0.5),
        xlabel="accuracy with its 95 % interval",
    )
    axis.grid(axis="x", alpha=0.3)
    axis.legend(loc="lower right")


def _draw_samples(figure: "SubFigure", report: Report, images: UInt8Array) -> None:
    """The sample images, each network's answer under them."""
    rows = -(-len(report.samples) // SAMPLES_A_ROW)
    axes = figure.subplots(rows, SAMPLES_A_ROW, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, sample, image in zip(axes, report.samples, images, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set_title(sample.label, fontsize=11, fontweight="bold")
        for line, (name, answer) in enumerate(sample.answers.items(), start=1):
            right = answer == sample.label
            axis.annotate(
                f"{'✓' if right else '✗'} {name}: {answer}",
                xy=(0, 0),
                xycoords="axes fraction",
                xytext=(0, -13 * line),
                textcoords="offset points",
                fontsize=8.5,
                color=RIGHT if right else WRONG,
            )

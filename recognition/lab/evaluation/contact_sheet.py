"""The worst mistakes side by side: the image, its label, and the prediction."""

from pathlib import Path
from typing import TYPE_CHECKING

from recognition.lab.data.labelled import LabelledImages
from recognition.lab.evaluation.metrics import worst_mistakes
from recognition.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST, COLUMNS = 24, 6
CELL_INCHES = (1.7, 2.1)
LABEL_LETTERS = 17  # that fit a cell beside "answered: "
DPI = 110


def save_mistakes(data: LabelledImages, probabilities: FloatArray, file: Path) -> None:
    """Draw the 24 most confident wrong answers with the true labels; `probabilities`: (n, labels)."""
    from matplotlib.figure import Figure

    mistakes = worst_mistakes(probabilities, data.targets, MOST)
    rows = max(-(-len(mistakes) // COLUMNS), 1)
    figure = Figure(figsize=(COLUMNS * CELL_INCHES[0], rows * CELL_INCHES[1]), layout="constrained")
    cells = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for cell in cells:
        cell.axis("off")
    for cell, number in zip(cells, mistakes, strict=False):
        answer = int(probabilities[number].argmax())
        true, answered = (_fitted(data.labels[label]) for label in (data.targets[number], answer))
        sure = f"{probabilities[number, answer]:.0%} confident"
        _draw(cell, data.images[number], f"true: {true}\nanswered: {answered}\n{sure}")
    if not len(mistakes):
        figure.suptitle("No mistakes")
    figure.savefig(file, dpi=DPI)


def _fitted(label: str) -> str:
    return label if len(label) <= LABEL_LETTERS else f"{label[: LABEL_LETTERS - 1]}…"


def _draw(cell: "Axes", image: UInt8Array, caption: str) -> None:
    """One image, gray or RGB, with words above it."""
    cell.imshow(image, cmap="gray" if image.ndim == 2 else None, vmin=0, vmax=255)
    cell.set_title(caption, fontsize=7)

"""The results of a cross-validation, and its files."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import msgspec
import numpy as np

from recognition.lab.comparison.cross_validation import Fold
from recognition.lab.comparison.figure import DPI, draw_confusions, draw_table, new_figure
from recognition.lab.comparison.markdown import markdown_confusion, markdown_table
from recognition.lab.comparison.page import (
    html_command,
    html_confusion,
    html_list,
    html_matrices,
    html_page,
    html_table,
)
from recognition.lab.comparison.report import worded_time
from recognition.lab.evaluation.charts import confusion_inches
from recognition.lab.evaluation.metrics import summarise
from recognition.models.labels import softmax

HEADINGS = ("fold", "images", "accuracy", "macro precision", "macro recall", "macro F1", "training")
NOTES = (
    "Mean and standard deviation are over the folds with equal weights (the sample deviation, n - 1).",
    "All folds together evaluate every image once, with the network that was not trained on it.",
    "Folds share most of their training images, so the deviation for new images would be larger.",
)
BY_NOTES = {
    "image": "Folds were split by image: the training images show the same people as the evaluation images.",
    "person": "Folds were split by person: nobody is in both the training and the evaluation images.",
}


class FoldFigures(msgspec.Struct, frozen=True):
    """One fold's row; `persons` where folds go by person."""

    name: str
    n: int
    train_images: int
    train_s: float
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    persons: tuple[str, ...]


class Spread(msgspec.Struct, frozen=True):
    """Mean and sample deviation of the folds' accuracies."""

    mean: float
    deviation: float


class CrossReport(msgspec.Struct, frozen=True):
    """The result of a cross-validation; `together` are `evaluate`'s figures over all folds' predictions."""

    title: str
    command: str
    recipe: str
    pretrained: str
    data: str
    by: str
    epochs: int
    views: str
    seed: int
    labels: tuple[str, ...]
    accuracy: Spread
    folds: tuple[FoldFigures, ...]
    together: dict[str, Any]
    train_device: str
    notes: tuple[str, ...]


def summarize_folds(folds: Sequence[Fold], **about: Any) -> CrossReport:
    """Return the report of all folds; `about` are the fields that the folds do not contain."""
    labels = folds[0].answers.labels
    logits = np.concatenate([fold.answers.logits for fold in folds])
    targets = np.concatenate([fold.answers.targets for fold in folds])
    figures = tuple(_figures(fold) for fold in folds)
    accuracies = [fold.accuracy for fold in figures]
    return CrossReport(
        labels=labels,
        data=folds[0].data_name,
        accuracy=Spread(mean(accuracies), stdev(accuracies)),
        folds=figures,
        together=summarise(softmax(logits), targets, labels, 0),
        train_device=folds[0].train_device,
        notes=(BY_NOTES[about["by"]], *NOTES),
        **about,
    )


def _figures(fold: Fold) -> FoldFigures:
    report = fold.answers.figures
    return FoldFigures(
        name=fold.name,
        n=report["n"],
        train_images=fold.train_images,
        train_s=fold.train_s,
        accuracy=report["accuracy"],
        macro_precision=report["macro_precision"],
        macro_recall=report["macro_recall"],
        macro_f1=report["macro_f1"],
        persons=fold.persons,
    )


def fold_rows(report: CrossReport) -> list[tuple[str, ...]]:
    """Return the table's rows under HEADINGS: each fold, then all predictions together."""
    rows = [
        (
            " ".join([fold.name, *(f"({', '.join(fold.persons)})" for _ in fold.persons[:1])]),
            str(fold.n),
            *_worded(msgspec.to_builtins(fold)),
            worded_time(fold.train_s),
        )
        for fold in report.folds
    ]
    together = report.together
    seconds = sum(fold.train_s for fold in report.folds)
    return [*rows, ("all together", str(together["n"]), *_worded(together), worded_time(seconds))]


def _worded(figures: dict[str, Any]) -> list[str]:
    return [f"{figures[name]:.3f}" for name in ("accuracy", "macro_precision", "macro_recall", "macro_f1")]


def cross_facts(report: CrossReport) -> list[str]:
    """Return the results and their conditions, one sentence each."""
    spread, (low, high) = report.accuracy, report.together["ci95"]
    start = f", starting from the weights of {report.pretrained}" if report.pretrained else ""
    return [
        f"Accuracy {spread.mean:.3f} ± {spread.deviation:.3f} over {len(report.folds)} folds by {report.by}.",
        f"All together {report.together['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}).",
        f"Trained: {report.recipe} on {report.data}, {report.epochs} epochs per fold{start}.",
        f"Test-time augmentation {report.views}, seed {report.seed}, trained on {report.train_device}.",
    ]


def publish_folds(report: CrossReport, out: Path) -> None:
    """Write report.json, report.md, report.html and report.png into `out`."""
    (out / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    (out / "report.md").write_text(_as_markdown(report), encoding="utf-8")
    (out / "report.html").write_text(_as_page(report), encoding="utf-8")
    draw_folds(report, out / "report.png")


def _label_rows(report: CrossReport) -> list[tuple[str, ...]]:
    return [
        (label, *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")), str(row["support"]))
        for label, row in report.together["per_class"].items()
    ]


LABEL_HEADINGS = ("label", "precision", "recall", "F1", "images")


def _as_markdown(report: CrossReport) -> str:
    parts = [
        f"# {report.title}",
        f"```\n{report.command}\n```",
        "\n".join(f"- {fact}" for fact in cross_facts(report)),
        markdown_table(HEADINGS, fold_rows(report)),
        markdown_table(LABEL_HEADINGS, _label_rows(report)),
        "![Folds and confusion matrix](report.png)",
        markdown_confusion("All folds together", report.labels, report.together["confusion"]),
        "\n".join(f"- {note}" for note in report.notes),
    ]
    return "\n\n".join(parts) + "\n"


def _as_page(report: CrossReport) -> str:
    matrix = html_confusion("All folds together", report.labels, report.together["confusion"])
    content = [
        html_list(cross_facts(report), "facts"),
        html_table(HEADINGS, fold_rows(report), "Figures of every fold"),
        "<h2>Labels</h2>",
        html_table(LABEL_HEADINGS, _label_rows(report), "Figures of every label, all folds together"),
        "<h2>Confusion matrix</h2>",
        html_matrices([matrix]),
        "<h2>How to read this</h2>",
        html_list(report.notes, "notes"),
        "<h2>How to reproduce this report</h2>",
        html_command(report.command),
    ]
    return html_page(report.title, content, len(report.labels))


def draw_folds(report: CrossReport, file: Path) -> None:
    """Write the PNG: the folds' table, and the confusion over all of them."""
    heights = [1.6 + 0.36 * len(report.folds), confusion_inches(report.labels)]
    figure = new_figure(sum(heights))
    table, matrix = figure.subfigures(2, 1, squeeze=False, height_ratios=heights).ravel()
    figure.suptitle(report.title, fontsize=16, fontweight="bold")
    draw_table(table.subplots(), HEADINGS, fold_rows(report))
    draw_confusions(matrix, report.labels, [("All folds together", report.together["confusion"])])
    figure.savefig(file, dpi=DPI)

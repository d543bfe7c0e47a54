"""`evaluate`: measure a model on labeled images, or a network on ImageNet's validation images."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from recognition.cli.arguments import add_tta
from recognition.errors import LabelSetUnknown, ModelUnknown
from recognition.folders import default_weights_folder
from recognition.lab.evaluation.metrics import TOPS
from recognition.models.architectures import ARCHITECTURES
from recognition.models.cards import Card, load_card, load_cards
from recognition.models.tasks import FACE_DETECTOR, LABEL_SETS
from recognition.served_models import ServedModels

CARD_SUFFIXES = frozenset({".safetensors", ".json"})
LINE_EVERY = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--model", help="a model's name, or a weights file with its card in the same folder")
    what.add_argument(
        "--architecture",
        choices=sorted(ARCHITECTURES),
        help="evaluate this architecture on ImageNet, with --weights",
    )
    parser.add_argument("--data", type=Path, required=True, help="label folders, Kaggle's CSV, or images")
    parser.add_argument("--split", help="train, val or test; for the CSV, Training or PublicTest")
    parser.add_argument("--label-set", help="such as fer5 (default: all of the model's labels)")
    add_tta(parser)
    parser.add_argument(
        "--weights", help="with --architecture: published, or a weights file with 1,000 classes"
    )
    parser.add_argument("--solution", type=Path, help="with --architecture: LOC_val_solution.csv")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--out", type=Path, help="a folder for the figures, charts and the worst mistakes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    if arguments.architecture is not None:
        return _evaluate_on_imagenet(arguments)
    if arguments.weights is not None or arguments.solution is not None:
        arguments.refuse("--weights and --solution go with --architecture.")
    return _evaluate_card(arguments)


def _evaluate_card(arguments: argparse.Namespace) -> int:
    from recognition.lab.evaluation.report import write_report
    from recognition.lab.evaluation.runner import evaluate_card

    card, folder = find_model(arguments.model)
    labels = chosen_labels(card, arguments.label_set)
    measured = evaluate_card(
        card, folder, arguments.data, arguments.split, labels, arguments.views, arguments.device
    )
    if arguments.out is not None:
        write_report(measured, arguments.out)
    for note in measured.split.notes:
        print(f"note: {note}", file=sys.stderr)
    return _tell(arguments, measured.report, _as_text(card, measured.report), measured.split.unreadable)


def _evaluate_on_imagenet(arguments: argparse.Namespace) -> int:
    if arguments.weights is None or arguments.solution is None:
        arguments.refuse("--architecture needs --weights and --solution.")
    if arguments.split is not None or arguments.label_set is not None or arguments.views != "1":
        arguments.refuse("--split, --label-set and --tta go with --model.")
    from recognition.lab.evaluation.imagenet import evaluate_on_imagenet
    from recognition.lab.evaluation.report import write_figures

    report, unreadable = evaluate_on_imagenet(
        arguments.architecture,
        arguments.weights,
        arguments.data,
        arguments.solution,
        arguments.device,
        _say_progress,
    )
    if arguments.out is not None:
        write_figures(report, arguments.out)
    return _tell(arguments, report, _imagenet_as_text(arguments.architecture, report), unreadable)


def find_model(name: str | None) -> tuple[Card, Path]:
    """Return a model's card and weights folder, by name or by file; the site's default model for None.

    Raises ModelUnknown for an unknown name, or for the face detector's.
    """
    folder = default_weights_folder()
    if name is None:
        return ServedModels.read(folder).default, folder
    file = Path(name)
    if file.suffix in CARD_SUFFIXES:
        card, folder = load_card(file.with_suffix(".json")), file.parent
        known = {card.name: card}
        name = card.name
    else:
        known = load_cards(folder)
    classifiers = {card.name: card for card in known.values() if card.task != FACE_DETECTOR.name}
    if name not in classifiers:
        raise ModelUnknown(
            f"There is no classification model {name!r}; choose one of {', '.join(classifiers)}."
        )
    return classifiers[name], folder


def chosen_labels(card: Card, label_set: str | None) -> tuple[str, ...]:
    """Return the labels to evaluate; raise LabelSetUnknown for a set that the model does not support."""
    if label_set is None or (label_set not in LABEL_SETS and label_set in card.label_sets):
        return card.labels
    if label_set not in LABEL_SETS:
        raise LabelSetUnknown(f"There is no label set {label_set!r}; choose one of {', '.join(LABEL_SETS)}.")
    card.head(LABEL_SETS[label_set])
    return LABEL_SETS[label_set]


def _tell(
    arguments: argparse.Namespace, report: dict[str, Any], text: str, unreadable: tuple[str, ...]
) -> int:
    for line in unreadable:
        print(f"skipped {line}", file=sys.stderr)
    print(json.dumps(report) if arguments.json else text)
    if arguments.out is not None and not arguments.json:
        print(f"Wrote {arguments.out}")
    return 1 if unreadable else 0


def _say_progress(done: int) -> None:
    if done % LINE_EVERY == 0:
        print(f"{done} images", file=sys.stderr, flush=True)


def _as_text(card: Card, report: dict[str, Any]) -> str:
    ece, width = report["ece"], max(map(len, report["labels"]))
    tops = [f", top-{k} {report[f'top{k}']:.4f}" for k in TOPS if f"top{k}" in report]
    accuracy = _with_interval(report, "accuracy", "ci95")
    without = report["labels_without_images"]
    lines = [
        f"{card.title}: accuracy {accuracy}{''.join(tops)}, n = {report['n']}",
        f"left out {report['left_out']}, macro F1 {report['macro_f1']:.4f}",
        f"calibration error {ece['after']:.4f}, without the card's calibration {ece['before']:.4f}",
        *([f"no image of {', '.join(without)}: not in the macro figures"] if without else []),
        f"{'':{width}} precision  recall      F1  support",
    ]
    for label, row in report["per_class"].items():
        figures = [f"{row[name]:.4f}" if row["support"] else "-" for name in ("precision", "recall", "f1")]
        lines.append(f"{label:{width}} {figures[0]:>9} {figures[1]:>7} {figures[2]:>7} {row['support']:8}")
    return "\n".join(lines)


def _imagenet_as_text(architecture: str, report: dict[str, Any]) -> str:
    first, five = (_with_interval(report, *keys) for keys in (("accuracy", "ci95"), ("top5", "top5_ci95")))
    return f"{architecture}: top-1 {first}, top-5 {five}, n = {report['n']}"


def _with_interval(report: dict[str, Any], value: str, interval: str) -> str:
    low, high = report[interval]
    return f"{report[value]:.4f} ({low:.4f} to {high:.4f})"

"""`evaluate`: a model's figures on labelled pictures."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from recognition.cards import Card, load_card
from recognition.errors import LabelSetUnknown
from recognition.evaluation.views import VIEWS
from recognition.folders import default_weights_folder
from recognition.labels import LABEL_SETS, label_positions
from recognition.models import ServedModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--model", help="a served model's name, or a weights file with its card beside it")
    parser.add_argument("--data", type=Path, required=True, help="a folder of label folders, or Kaggle's CSV")
    parser.add_argument("--split", help="train, val or test; Training or PublicTest of the CSV")
    parser.add_argument("--label-set", help="such as fer5; by default the model's own")
    parser.add_argument("--views", choices=VIEWS, default="1")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    from recognition.evaluation.runner import evaluate_card

    card, folder = find_model(arguments.model)
    labels = chosen_labels(card, arguments.label_set)
    report, unreadable = evaluate_card(
        card, folder, arguments.data, arguments.split, labels, arguments.views, arguments.device
    )
    for line in unreadable:
        print(f"skipped {line}", file=sys.stderr)
    print(json.dumps(report) if arguments.json else _as_text(card, report))
    return 1 if unreadable else 0


def find_model(name: str | None) -> tuple[Card, Path]:
    """Give a model's card and the folder of its weights, by served name or by file."""
    file = Path(name) if name else None
    if file is not None and file.suffix in {".safetensors", ".json"}:
        return load_card(file.with_suffix(".json")), file.parent
    return ServedModels.read(default_weights_folder()).emotion(name), default_weights_folder()


def chosen_labels(card: Card, label_set: str | None) -> tuple[str, ...]:
    """Give the labels to evaluate in; raise LabelSetUnknown for a set that the model cannot answer."""
    if label_set is None:
        return card.labels
    if label_set not in LABEL_SETS:
        raise LabelSetUnknown(f"There is no label set {label_set!r}; choose one of {', '.join(LABEL_SETS)}.")
    label_positions(card.labels, LABEL_SETS[label_set])
    return LABEL_SETS[label_set]


def _as_text(card: Card, report: dict[str, Any]) -> str:
    (low, high), ece = report["ci95"], report["ece"]
    lines = [
        f"{card.title}: accuracy {report['accuracy']:.4f} ({low:.4f} to {high:.4f}), n = {report['n']}",
        f"left out {report['left_out']}, macro F1 {report['macro_f1']:.4f}",
        f"calibration error {ece['before']:.4f}, after temperature {ece['after']:.4f}",
        f"{'':10} precision  recall      F1  support",
    ]
    for label, row in report["per_class"].items():
        lines.append(
            f"{label:10} {row['precision']:9.4f} {row['recall']:7.4f} {row['f1']:7.4f} {row['support']:8}"
        )
    return "\n".join(lines)

"""`probe`: measure an expression model on webcam-like images."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from recognition.cli.arguments import add_tta
from recognition.cli.evaluate import chosen_labels, find_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--model", help="a model's name, or a weights file with its card in the same folder")
    parser.add_argument("--data", type=Path, required=True, help="label folders, or Kaggle's CSV")
    parser.add_argument("--split", help="train, val or test; for the CSV, Training or PublicTest")
    parser.add_argument("--label-set", help="such as fer5 (default: all of the model's labels)")
    add_tta(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; return 0."""
    from recognition.lab.evaluation.webcam_probe import WebcamReport, probe_webcam

    def as_text(report: WebcamReport) -> str:
        rows = {"as it is": report.clean, **report.changed, "mean of the changes": report.mean}
        lines = [f"  {name:<28}{value:.4f}" for name, value in rows.items()]
        last = (
            f"accuracy drop {report.drop * 100:.1f} percentage points; "
            f"calibration error on a half {report.ece_half:.4f} (by chance {report.ece_chance:.4f})"
        )
        return "\n".join([f"{report.n} images", *lines, last])

    card, folder = find_model(arguments.model)
    labels = chosen_labels(card, arguments.label_set)
    report = probe_webcam(
        card, folder, arguments.data, arguments.split, labels, arguments.views, arguments.device
    )
    print(json.dumps(asdict(report)) if arguments.json else as_text(report))
    return 0

"""`export`: write a model as a file for other programs, and compare its output with torch's."""

import argparse
import json
from pathlib import Path

from recognition.cli.evaluate import find_model

FORMATS = ("onnx", "openvino", "torchscript")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--model", help="a model's name, or a weights file with its card in the same folder")
    parser.add_argument("--format", choices=FORMATS, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Write, check and report."""
    from recognition.lab.export.formats import export_network

    card, folder = find_model(arguments.model)
    exported = export_network(card, folder, arguments.format, arguments.out)
    report = {
        "model": card.name,
        "format": arguments.format,
        "file": str(exported.file),
        "pixels": ["n", *exported.pixels_shape],
        "labels": card.labels,
        "temperature": card.temperature,
        "damping": card.damping,
        "heads": [
            {
                "labels": head.labels,
                "first": head.first,
                "known_at": head.known_at,
                **head.calibration._asdict(),
            }
            for head in card.heads
        ],
        "largest_difference": exported.largest_difference,
    }
    sides = ", ".join(map(str, report["pixels"]))
    text = (
        f"Wrote {exported.file}: pixels uint8 ({sides}) to logits (n, {card.outputs}).\n"
        f"Its probabilities differ from torch's by at most {exported.largest_difference:.1e}."
    )
    print(json.dumps(report) if arguments.json else text)
    return 0

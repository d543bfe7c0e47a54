"""`evaluate-rejection`: measure how many known images a model keeps, and how many others it rejects."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recognition.cli.evaluate import find_model
from recognition.devices import resolve_device
from recognition.errors import ModelUnknown
from recognition.models.cards import Card

KEEP = 0.95


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_shared_arguments(parser)
    parser.add_argument("--split", help="split on which thresholds are chosen (default: val)")
    parser.add_argument("--report-split", default="test", help="split on which the kept share is reported")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def add_shared_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that `fit-rejection` shares."""
    parser.add_argument("--model", required=True, help="a model's name, or a weights file with its card")
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with one folder per label of the model"
    )
    parser.add_argument(
        "--unknown",
        type=Path,
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="folders of images that show none of the labels",
    )
    parser.add_argument("--keep", type=_share, default=KEEP, help="share of validation images to keep")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; return 1 if some files could not be read."""
    from recognition.lab.evaluation.rejection import compare_scores, open_outputs, read_known, read_unknown

    card, folder = find_model(arguments.model)
    require_whole_images(card)
    outputs = open_outputs(card, folder, resolve_device(arguments.device))
    val = read_known(arguments.data, arguments.split, card)
    test = read_known(arguments.data, arguments.report_split, card)
    unknown = {str(place): read_unknown(place, card) for place in arguments.unknown}
    report = {
        "model": card.name,
        "keep": arguments.keep,
        **compare_scores(
            card.heads[0],
            outputs(val.pixels),
            outputs(test.pixels),
            {name: (outputs(images.pixels), images.names) for name, images in unknown.items()},
            arguments.keep,
        ),
    }
    print(json.dumps(report) if arguments.json else _as_text(report))
    return report_unreadable(
        [line for images in (val, test, *unknown.values()) for line in images.unreadable]
    )


def require_whole_images(card: Card) -> None:
    """Raise ModelUnknown for a model of faces: a face always shows one of its labels."""
    if card.sees_faces:
        raise ModelUnknown(f"{card.name} answers for faces; choose a model of places, scenes or hand signs.")


def report_unreadable(lines: Sequence[str]) -> int:
    """Name the files that were left out; return the exit status."""
    for line in lines:
        print(f"skipped {line}", file=sys.stderr)
    return 1 if lines else 0


def _as_text(report: dict[str, Any]) -> str:
    counted = ", ".join(f"{name} {count}" for name, count in report["n"].items())
    lines = [f"{report['model']}, images: {counted}"]
    lines.append(
        f"{'score':16} threshold  kept (val)  kept (test)  AUROC  rejected (choose)  rejected (report)"
    )
    for name, row in {**report["scores"], "served": report["served"]}.items():
        kept = f"{row['threshold']:9.2f} {row['kept_val']:11.3f} {row['kept_test']:12.3f}"
        rejected = " ".join(f"{_figure(row[f'rejected_{half}']):>18}" for half in ("choose", "report"))
        lines.append(f"{name:16} {kept} {row['auroc_choose']:6.3f} {rejected}")
    by_folder = report["served"]["rejected_by_folder"]
    lines.append("rejected as served, of the half to report:")
    lines += [f"  {name}: {_figure(share)}" for name, share in by_folder.items()]
    return "\n".join(lines)


def _figure(share: float | None) -> str:
    return "none" if share is None else f"{share:.3f}"


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0 and at most 1")
    return share

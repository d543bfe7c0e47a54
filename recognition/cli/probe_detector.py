"""`probe-detector`: show where the face detector fails, in figures and on a contact sheet."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from recognition.cli.arguments import add_renamed, as_image_size
from recognition.cli.evaluate_detector import find_detector
from recognition.detection import open_detector, prepare_detector
from recognition.devices import resolve_device
from recognition.folders import default_cache_folder
from recognition.images.files import image_files
from recognition.lab.data.faces import FaceImage, read_face_images
from recognition.lab.evaluation.detection_probe import FalseBoxes, Kind, false_boxes, probe, sheet
from recognition.lab.evaluation.detection_report import MIN_SCORE

SHOWN_UNLABELLED = 48  # enough to estimate how many show a face that the labels lack
NO_BOXES = np.zeros((0, 4), np.float32)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, labels/, manifest.csv")
    parser.add_argument("--split", default="val", help="subfolder of images/ and labels/")
    add_renamed(
        parser,
        "--background-dir",
        "--without-faces",
        type=Path,
        metavar="FOLDER",
        help="images without faces",
    )
    parser.add_argument(
        "--model", help="a detector's name, or its .safetensors file with its card in the same folder"
    )
    parser.add_argument(
        "--image-size", type=as_image_size, default=320, help="longer side in pixels, a multiple of 32"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for probe.json, probe.md and probe.jpg"
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure and write the three files; return 0."""
    card, folder = find_detector(arguments.model)
    device, cache = resolve_device(arguments.device), default_cache_folder()
    prepare_detector(card, folder, device, cache, _say)
    detector = open_detector(card, folder, device, cache, min_score=MIN_SCORE)
    live, size = card.thresholds["live"], arguments.image_size
    images = read_face_images(arguments.data, arguments.split)
    probed = probe(detector, images, size, live, _say)
    rows = [(f"not found, {one.kind.name}", one.missed) for one in probed]
    _say("boxes that match no labeled face")
    unlabelled, tiles = false_boxes(detector, images, size, live, SHOWN_UNLABELLED)
    rows.append(("most confident boxes that match no labeled face", tiles))
    false = None
    if arguments.background_dir is not None:
        _say("images without faces")
        empty = [FaceImage(file, None, NO_BOXES) for file in image_files([arguments.background_dir])]
        false, tiles = false_boxes(detector, empty, size, live)
        rows.append(("false boxes in images without faces", tiles))
    arguments.out.mkdir(parents=True, exist_ok=True)
    kinds = [one.kind for one in probed]
    facts = {"detector": card.name, "sha256": card.sha256, "image_size": size, "live": live}
    report = {
        **facts,
        "kinds": [asdict(kind) for kind in kinds],
        "unlabelled": asdict(unlabelled),
        "false": false and asdict(false),
    }
    (arguments.out / "probe.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    text = as_markdown(f"{card.title} at {size} px, live threshold {live}", kinds, unlabelled, false)
    (arguments.out / "probe.md").write_text(text, encoding="utf-8")
    cv2.imwrite(str(arguments.out / "probe.jpg"), sheet(rows), [cv2.IMWRITE_JPEG_QUALITY, 80])
    print(text)
    return 0


def as_markdown(title: str, kinds: Sequence[Kind], unlabelled: FalseBoxes, false: FalseBoxes | None) -> str:
    """Format the figures as a page."""
    lines = [
        f"# {title}",
        "",
        "Faces of 48 px and more. AP50: average precision at an overlap of .5; recall at the live threshold.",
        "",
        "| images | faces | AP50 | recall |",
        "|---|---:|---:|---:|",
        *(f"| {k.name} | {k.faces} | {_shown(k.ap50_over_48)} | {_shown(k.recall_live)} |" for k in kinds),
        "",
        f"{unlabelled.boxes} boxes in {unlabelled.pictures} images as stored match no labeled face.",
        "",
    ]
    if false is not None:
        per = f"{false.per_picture:.3f}"
        lines += [f"{false.boxes} boxes in {false.pictures} images without faces: {per} per image.", ""]
    return "\n".join(
        [
            *lines,
            "![The largest missed faces of each kind, and the most confident false boxes](probe.jpg)",
            "",
        ]
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

"""Compares our face detector with public ones whose weights come in Python wheels, on the same pictures.

    python tests/bench/detectors.py --data FOLDER [--image-size 320 448] [--rival NAME=PYTHON ...] [--json]

`--rival mediapipe_short=/venv/bin/python` runs a rival of rival_boxes.py with the interpreter of an
environment that holds it. All see the pictures as they are stored; average precision is at an overlap of .5,
over the faces of 48 px and more, and over all; false boxes are counted at the threshold whose F1 is best.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.cli.evaluate_detector import find_detector
from recognition.detection import open_detector, prepare_detector
from recognition.folders import default_cache_folder
from recognition.images.decoding import read_image_bgr
from recognition.lab.data.faces import FaceImage, read_face_images
from recognition.lab.evaluation.detection import OVER_48, ImageBoxes, average_precision, interval, match
from recognition.lab.evaluation.detection_report import (
    MIN_SCORE,
    WEBCAM,
    WIDER,
    detect_all,
    faces_in_pixels,
    of_subsets,
)

SCRIPT = Path(__file__).with_name("rival_boxes.py")


def figures(
    name: str, pictures: Sequence[FaceImage], boxes: list[ImageBoxes], times_ms: list[float]
) -> dict[str, Any]:
    """Return what is compared."""
    matches = match(boxes)
    everywhere = np.ones(len(pictures), bool)
    without_wider = (~of_subsets(pictures, WIDER)).astype(float)
    webcam = of_subsets(pictures, WEBCAM).astype(float)
    return {
        "detector": name,
        "ap50": average_precision(matches),
        "ap50_over_48": average_precision(matches, OVER_48),
        "ap50_over_48_interval": interval(matches, OVER_48, everywhere, resamples=300),
        "ap50_without_wider": average_precision(matches, image_weights=without_wider),
        "ap50_webcam": average_precision(matches, image_weights=webcam),
        "ms": round(statistics.median(times_ms), 2),
    }


def ours(pictures: Sequence[FaceImage], image_size: int) -> dict[str, Any]:
    """Measure the site's detector."""
    card, folder = find_detector(None)
    cache = default_cache_folder()
    prepare_detector(card, folder, "cpu", cache)
    detector = open_detector(card, folder, "cpu", cache, min_score=MIN_SCORE)
    boxes, times_ms = detect_all(detector, pictures, image_size)
    return figures(f"{card.name} at {image_size} px", pictures, boxes, times_ms)


def rival(name: str, python: str, pictures: Sequence[FaceImage]) -> dict[str, Any]:
    """Measure a rival in its own environment."""
    command = [python, str(SCRIPT), name, *(str(picture.file) for picture in pictures)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    boxes = []
    for picture, answer in zip(pictures, answers, strict=True):
        found = np.array(answer["boxes"], float).reshape(-1, 5)
        faces = faces_in_pixels(picture, read_image_bgr(picture.file))
        boxes.append(ImageBoxes(faces, found[:, :4], found[:, 4]))
    return figures(name, pictures, boxes, [answer["ms"] for answer in answers])


def as_row(row: dict[str, Any]) -> str:
    """Return a line of the table."""
    low, high = row["ap50_over_48_interval"]
    return (
        f"| {row['detector']} | {row['ap50_over_48']:.3f} ({low:.3f} to {high:.3f}) | {row['ap50']:.3f} "
        f"| {row['ap50_without_wider']:.3f} | {row['ap50_webcam']:.3f} | {row['ms']:.1f} |"
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--image-size", type=int, nargs="+", default=[256, 320, 448])
    parser.add_argument("--rival", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pictures = read_face_images(options.data, options.split)
    rows = [ours(pictures, size) for size in options.image_size]
    rows += [rival(name, python, pictures) for name, _, python in (r.partition("=") for r in options.rival)]
    if options.json:
        print(json.dumps(rows))
        return
    print("| detector | AP50, faces over 48 px | all | without wider_val | webcam | ms a picture |")
    print("|---|---|---:|---:|---:|---:|")
    print("\n".join(as_row(row) for row in rows))


if __name__ == "__main__":
    main()

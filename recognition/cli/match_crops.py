"""`match-crops`: measure how well the detector's boxes fit FER2013's crops, and which margin is best."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from recognition.classification import open_classifier
from recognition.cli.arguments import as_image_size
from recognition.detection import open_detector, prepare_detector
from recognition.devices import resolve_device
from recognition.errors import DataError
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.lab.data.data_set import read_data_set
from recognition.lab.evaluation.crop_match import BACKGROUNDS, CropMatch, match_crops
from recognition.options import DEFAULT_QUALITY, QUALITIES
from recognition.served_models import ServedModels

LINE_EVERY = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="folder with fer2013.csv")
    parser.add_argument("--split", help="split to measure on (default: PublicTest)")
    parser.add_argument("--limit", type=int, default=0, help="use only the first N images; 0 for all")
    parser.add_argument("--model", help="a served expression model (default: the site's)")
    parser.add_argument(
        "--background",
        choices=BACKGROUNDS,
        default=BACKGROUNDS[0],
        help="background of the canvas: the crop's border, or its mean",
    )
    parser.add_argument("--image-size", type=as_image_size, default=QUALITIES[DEFAULT_QUALITY])
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; return 0."""
    device, cache = resolve_device(arguments.device), default_cache_folder()
    models = ServedModels.read(default_weights_folder())
    card = models.named(arguments.model)
    models.prepare(device, cache, _say)
    data_set = read_data_set(arguments.data, size_px=card.input.height, channels=1, labels=card.labels)
    for line in data_set.unreadable:
        _say(f"skipped {line}")
    split = arguments.split or data_set.val_split
    if split not in data_set.splits:
        raise DataError(
            f"{arguments.data} has no split {split!r}; choose one of {', '.join(data_set.splits)}."
        )
    data = data_set.splits[split].in_labels(card.labels)[0]
    if arguments.limit:
        data = data.at(np.arange(min(arguments.limit, len(data))))
    prepare_detector(models.detector, models.folder, device, cache, _say)
    detector = open_detector(models.detector, models.folder, device, cache)
    classifier = open_classifier(card, models.folder, device)
    matched = match_crops(
        detector,
        classifier,
        card.head(card.labels),
        data,
        arguments.image_size,
        _say_progress,
        background=arguments.background,
    )
    print(json.dumps(asdict(matched)) if arguments.json else as_text(matched))
    return 0


def as_text(matched: CropMatch) -> str:
    """Format the figures as text."""
    return "\n".join(
        [
            f"{matched.n} crops on a canvas; faces found: {matched.found:.3f}",
            f"box over crop: {matched.side_ratio:.3f}; shift {matched.shift_x:+.3f}, {matched.shift_y:+.3f}",
            f"accuracy of the crops {matched.accuracy_crop:.4f}, of those found {matched.accuracy_found:.4f}",
            *(f"  margin {name:>5}: {value:.4f}" for name, value in matched.accuracy_by_margin.items()),
        ]
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _say_progress(done: int) -> None:
    if done % LINE_EVERY == 0:
        _say(f"{done} images")

"""`evaluate-detector`: measure how well the face detector finds the faces in a data set."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from recognition.cli.arguments import as_image_size
from recognition.detection import open_detector, prepare_detector
from recognition.devices import resolve_device
from recognition.errors import CardMissing, ModelUnknown
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.lab.data.faces import read_face_images
from recognition.lab.evaluation.detection_report import MIN_SCORE, DetectionReport, evaluate_detector
from recognition.models.cards import Card, cards_for, load_card, load_cards
from recognition.models.tasks import FACE_DETECTOR

LINE_EVERY = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, labels/, manifest.csv")
    parser.add_argument("--split", default="val", help="subfolder of images/ and labels/")
    parser.add_argument(
        "--model", help="a detector's name, or its .safetensors file with its card in the same folder"
    )
    parser.add_argument(
        "--image-size", type=as_image_size, default=448, help="longer side in pixels, a multiple of 32"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--precision", choices=("f32", "bf16"), help="precision on a CPU (default: the faster one)"
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return 0."""
    card, folder = find_detector(arguments.model)
    images = read_face_images(arguments.data, arguments.split)
    device, cache = resolve_device(arguments.device), default_cache_folder()
    prepare_detector(card, folder, device, cache, _say)
    detector = open_detector(card, folder, device, cache, min_score=MIN_SCORE, precision=arguments.precision)
    report = evaluate_detector(
        detector, images, arguments.image_size, lambda done: _say_progress(done, len(images))
    )
    print(json.dumps(asdict(report)) if arguments.json else as_text(report, card.name, arguments.image_size))
    return 0


def find_detector(model: str | None) -> tuple[Card, Path]:
    """Return the card and weights folder of a name, of a .safetensors file, or of the site's detector (None).

    Raises ModelUnknown, CardMissing and what reading a card raises.
    """
    if model is not None and model.endswith(".safetensors"):
        file = Path(model)
        return load_card(file.with_suffix(".json")), file.parent
    folder = default_weights_folder()
    detectors = {card.name: card for card in cards_for(load_cards(folder), FACE_DETECTOR.name)}
    if not detectors:
        raise CardMissing(f"{folder} contains no face detector; download the weights again.")
    if model is None:
        return next(iter(detectors.values())), folder
    if model not in detectors:
        raise ModelUnknown(f"There is no face detector {model!r}; choose one of {', '.join(detectors)}.")
    return detectors[model], folder


def as_text(report: DetectionReport, name: str, image_size: int) -> str:
    """Format the report as text."""
    rows = [
        ("all faces", report.ap50),
        *((f"{size} faces", value) for size, value in report.ap50_by_size.items()),
        ("faces over 48 px", report.ap50_over_48),
        ("without wider_val", report.ap50_without_wider),
        ("webcam subsets", report.ap50_webcam),
        *report.ap50_by_subset.items(),
    ]
    recalls = [
        (f"recall at {rate} false boxes per image", value) for rate, value in report.recall_at_fp.items()
    ]
    title = (
        f"{name} at {image_size} px: {report.n} images, {report.faces} faces, {report.ms:.1f} ms per image"
    )
    lines = [f"  {label:<38}{'-' if value is None else f'{value:.3f}'}" for label, value in rows + recalls]
    return "\n".join([title, "AP50", *lines])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _say_progress(done: int, total: int) -> None:
    if done % LINE_EVERY == 0 or done == total:
        _say(f"{done} of {total} images")

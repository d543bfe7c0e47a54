"""`predict`: print one JSON line, or a short readable line, per image."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recognition.cli.arguments import as_image_size
from recognition.devices import resolve_device
from recognition.errors import DataError, ImageUnreadable
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import read_still
from recognition.images.files import image_files
from recognition.models.cards import Card
from recognition.models.tasks import permitted_tasks
from recognition.options import DEFAULT_DETAIL, DETAILS, STILL_IMAGE_SIZE, STILL_MIN_SCORE
from recognition.prediction import describe_result, resolve_label_set
from recognition.recognizer import ImageRequest, Recognizer, run_to_end
from recognition.served_models import ServedModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--model", help="a served model's name")
    parser.add_argument("--label-set", help="such as fer5 (default: all of the model's labels)")
    parser.add_argument(
        "--min-score",
        type=_score,
        default=STILL_MIN_SCORE,
        help="minimum confidence of a face, 0 to 1",
    )
    closeness = parser.add_mutually_exclusive_group()
    closeness.add_argument(
        "--detail",
        choices=DETAILS,
        default=DEFAULT_DETAIL,
        help=f"how thoroughly to search: one pass at {STILL_IMAGE_SIZE} px, every pixel, or as needed",
    )
    closeness.add_argument(
        "--image-size", type=as_image_size, help="make one pass, with a detector input of this side in pixels"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--json", action="store_true", help="print one JSON object per image")


def run(arguments: argparse.Namespace) -> int:
    """Recognize every image; return 1 if one could not be read, or a folder has none."""
    device = resolve_device(arguments.device)
    models = ServedModels.read(default_weights_folder(), permitted=permitted_tasks())
    card = models.named(arguments.model)
    label_set = resolve_label_set(card, arguments.label_set)
    files, failures = _listed(arguments.paths)
    if not files:
        return 1
    models.prepare(device, default_cache_folder(), lambda line: print(line, file=sys.stderr))
    recognizer = Recognizer.open(models, device, default_cache_folder(), min_score=arguments.min_score)
    for file in files:
        answer = _predict(recognizer, card, label_set, file, arguments)
        failures += "error" in answer
        print(json.dumps(answer) if arguments.json else _as_text(answer), flush=True)
    return 1 if failures else 0


def _listed(paths: Sequence[Path]) -> tuple[list[Path], int]:
    """Return the files to read, and how many of `paths` are folders without one, reported on stderr."""
    files: list[Path] = []
    failures = 0
    for path in paths:
        try:
            files += image_files([path])
        except DataError as error:
            print(f"error: {error}", file=sys.stderr)
            failures += 1
    return files, failures


def _predict(
    recognizer: Recognizer, card: Card, label_set: str, file: Path, arguments: argparse.Namespace
) -> dict[str, Any]:
    detail = "fast" if arguments.image_size else arguments.detail
    try:
        still = read_still(file, detail)
    except ImageUnreadable as error:
        return {"file": str(file), "error": str(error)}
    request = ImageRequest.of_still(
        still, card.name, arguments.image_size or STILL_IMAGE_SIZE, arguments.min_score, detail
    )
    result = run_to_end(recognizer.recognize_still(request))
    return describe_result(str(file), result, card, label_set, still.notes)


def _as_text(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"{answer['file']}: {answer['error']}"
    named = [answer["picture"]] if "picture" in answer else answer["faces"]
    words = [
        "uncertain" if found["uncertain"] else f"{found['label']} {found['confidence']:.0%}"
        for found in named
    ]
    return f"{answer['file']}: {', '.join(words) or 'no face'}"


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return score

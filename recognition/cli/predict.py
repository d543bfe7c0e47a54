"""`predict`: print one JSON line, or a short readable line, per image."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from recognition.cli.arguments import as_image_size
from recognition.errors import DataError, ImageUnreadable
from recognition.images.files import image_files
from recognition.options import DEFAULT_DETAIL, DETAILS, STILL_IMAGE_SIZE, STILL_MIN_SCORE
from recognition.recognizer import Recognizer


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
    recognizer = Recognizer(
        arguments.model,
        label_set=arguments.label_set,
        detail="fast" if arguments.image_size else arguments.detail,
        image_size=arguments.image_size,
        min_score=arguments.min_score,
        device=arguments.device,
    )
    files, failures = _listed(arguments.paths)
    if not files:
        return 1
    recognizer.prepare(lambda line: print(line, file=sys.stderr))
    for file in files:
        try:
            result = recognizer(file)
        except ImageUnreadable as error:
            failures += 1
            print(_failure(file, error, as_json=arguments.json), flush=True)
            continue
        print(json.dumps(result.to_dict()) if arguments.json else result, flush=True)
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


def _failure(file: Path, error: ImageUnreadable, *, as_json: bool) -> str:
    if not as_json:
        return str(error)
    # The error names the file, which has a field of its own here.
    return json.dumps({"file": str(file), "error": str(error).removeprefix(f"{file}: ")})


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return score

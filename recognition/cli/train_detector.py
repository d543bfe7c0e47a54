"""`train-detector`: pictures with boxes in, a face detector's weights with their card out."""

import argparse
import ast
from pathlib import Path
from typing import Any

from recognition.cards import weights_file
from recognition.cli.evaluate_detector import find_detector
from recognition.devices import resolve_device
from recognition.errors import RecipeError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, labels/, manifest.csv")
    parser.add_argument("--weights", help="a detector's name or .safetensors file to start from")
    parser.add_argument(
        "--start-share", type=float, default=0.0, metavar="SHARE", help="of those weights in the result"
    )
    parser.add_argument("--image-size", type=int, default=320, help="pixels, a multiple of 32")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--precision", default="auto", help="of the forward pass: fp32, bf16, or auto (bf16 on CUDA)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--leave-out", action="append", default=[], metavar="SUBSET", help="not trained on")
    parser.add_argument("--negatives", type=Path, metavar="FOLDER", help="pictures without faces, learnt too")
    parser.add_argument(
        "--without-faces",
        type=Path,
        metavar="FOLDER",
        help="pictures in which the live threshold may let pass .05 boxes each",
    )
    parser.add_argument("--negatives-limit", type=int, default=500, help="at most so many of them")
    parser.add_argument(
        "--sheets", type=int, default=0, metavar="N", help="pictures of four of them side by side, learnt too"
    )
    parser.add_argument(
        "--smooth", type=int, default=0, metavar="N", help="made pictures of slopes and patches, learnt too"
    )
    parser.add_argument(
        "--webcam",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of pictures that lose light, focus and detail",
    )
    parser.add_argument(
        "--covered", type=float, default=0.0, metavar="SHARE", help="of faces of which a side is hidden"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of ultralytics' trainer"
    )
    parser.add_argument("--resume", action="store_true", help="go on after the last epoch in --out")
    parser.add_argument("--out", type=Path, default=Path("runs/detector"), help="the run's folder")
    parser.add_argument("--name", default="face_yolov8n", help="the new weights' name")


def run(arguments: argparse.Namespace) -> int:
    """Train, measure and write the result into the run's folder; return 0."""
    from recognition.training.detector import train_detector
    from recognition.training.detector_result import save_result
    from recognition.training.detector_run import DetectorRun

    detector_run = DetectorRun(
        data=arguments.data,
        out=arguments.out,
        image_size=arguments.image_size,
        epochs=arguments.epochs,
        batch=arguments.batch,
        device=resolve_device(arguments.device),
        precision=arguments.precision,
        seed=arguments.seed,
        weights=_start(arguments.weights),
        start_share=arguments.start_share,
        left_out=frozenset(arguments.leave_out),
        negatives=arguments.negatives,
        negatives_limit=arguments.negatives_limit,
        sheets=arguments.sheets,
        smooth=arguments.smooth,
        webcam=arguments.webcam,
        covered=arguments.covered,
        settings=dict(_setting(words) for words in arguments.set),
    )
    trained = train_detector(detector_run, resume=arguments.resume, report=_say)
    card = save_result(
        trained.state,
        arguments.name,
        trained.training,
        arguments.data,
        arguments.out,
        _say,
        arguments.without_faces,
    )
    for figure in card.evaluations:
        low, high = figure.ci95
        _say(f"{figure.views} {figure.metric}: {figure.value:.3f} ({low:.3f} to {high:.3f})")
    _say(
        f"Wrote {arguments.out / card.name}.safetensors and its card; copy both into weights/ to serve them."
    )
    return 0


def _start(weights: str | None) -> Path | None:
    if weights is None:
        return None
    if weights.endswith(".safetensors"):
        return Path(weights)
    card, folder = find_detector(weights)
    return weights_file(card, folder)


def _setting(words: str) -> tuple[str, Any]:
    name, equals, value = words.partition("=")
    if not (name and equals):
        raise RecipeError(f"--set {words!r} is not KEY=VALUE.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _say(line: str) -> None:
    print(line, flush=True)

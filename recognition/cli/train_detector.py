"""`train-detector`: train a face detector on images with boxes, and write its weights with their card."""

import argparse
import ast
from pathlib import Path
from typing import Any

from recognition.cli.arguments import add_renamed
from recognition.cli.evaluate_detector import find_detector
from recognition.devices import resolve_device
from recognition.errors import RecipeError
from recognition.models.cards import weights_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, labels/, manifest.csv")
    parser.add_argument("--weights", help="a detector's name or .safetensors file to start from")
    add_renamed(
        parser,
        "--weight-interpolation",
        "--start-share",
        type=float,
        default=0.0,
        metavar="FRACTION",
        help="weight of the initial model in the final average, 0 to 1",
    )
    parser.add_argument("--image-size", type=int, default=320, help="pixels, a multiple of 32")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--precision", default="auto", help="of the forward pass: fp32, bf16, or auto (bf16 on CUDA)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="SUBSET", help="exclude this subset from training"
    )
    parser.add_argument("--negatives", type=Path, metavar="FOLDER", help="images without faces to train on")
    parser.add_argument("--negatives-limit", type=int, default=500, help="maximum number of these")
    _add_generated(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of ultralytics' trainer"
    )
    parser.add_argument("--resume", action="store_true", help="resume after the last epoch in --out")
    parser.add_argument("--out", type=Path, default=Path("runs/detector"), help="the run's folder")
    parser.add_argument("--name", default="face_yolov8n", help="the new weights' name")


def _add_generated(parser: argparse.ArgumentParser) -> None:
    add_renamed(
        parser,
        "--background-dir",
        "--without-faces",
        type=Path,
        metavar="FOLDER",
        help="images without faces used to set the live threshold (at most .05 false boxes per image)",
    )
    add_renamed(
        parser,
        "--negative-mosaics",
        "--sheets",
        type=int,
        default=0,
        metavar="N",
        help="number of mosaics of four negatives to train on",
    )
    add_renamed(
        parser,
        "--synthetic-negatives",
        "--smooth",
        type=int,
        default=0,
        metavar="N",
        help="number of generated images of gradients and patches to train on",
    )
    add_renamed(
        parser,
        "--degrade",
        "--webcam",
        type=float,
        default=0.0,
        metavar="FRACTION",
        help="fraction of images degraded in light, focus and detail",
    )
    add_renamed(
        parser,
        "--occlusion",
        "--covered",
        type=float,
        default=0.0,
        metavar="FRACTION",
        help="fraction of faces with one side hidden",
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, measure and write the result into the run's folder; return 0."""
    from recognition.lab.training.detector import train_detector
    from recognition.lab.training.detector_result import save_result
    from recognition.lab.training.detector_run import DetectorRun

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
        weight_interpolation=arguments.weight_interpolation,
        left_out=frozenset(arguments.leave_out),
        negatives=arguments.negatives,
        negatives_limit=arguments.negatives_limit,
        negative_mosaics=arguments.negative_mosaics,
        synthetic_negatives=arguments.synthetic_negatives,
        degrade=arguments.degrade,
        occlusion=arguments.occlusion,
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
        arguments.background_dir,
    )
    for figure in card.evaluations:
        low, high = figure.ci95
        _say(f"{figure.views} {figure.metric}: {figure.value:.3f} ({low:.3f} to {high:.3f})")
    _say(
        f"Wrote {arguments.out / card.name}.safetensors, .json and .onnx; "
        "copy all three into weights/ to serve them."
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

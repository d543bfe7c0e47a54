"""`train-detector`: train a face detector from a recipe, and write its weights and card."""

import argparse
from pathlib import Path

from recognition.cli.evaluate_detector import find_detector
from recognition.cli.long_run import print_result, resumable, speaker
from recognition.devices import resolve_device
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES
from recognition.models.cards import weights_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("recipe", help="a name such as detectors/face_1_scratch, or a TOML file")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, labels/, manifest.csv")
    parser.add_argument(
        "--negatives",
        type=Path,
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="images without faces to train on, if the recipe uses them",
    )
    parser.add_argument(
        "--background-dir",
        type=Path,
        metavar="FOLDER",
        help="images without faces used to set the live threshold (at most .05 false boxes per image)",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a recipe's value"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=8, help="number of processes that read images")
    parser.add_argument("--resume", action="store_true", help="resume after the last epoch in --out")
    parser.add_argument("--out", type=Path, help="the run's folder (default runs/RECIPE)")
    parser.add_argument("--name", help="the weights' name (default: the recipe's)")


def run(arguments: argparse.Namespace) -> int:
    """Train, measure and write the result into the run's folder; Ctrl-C and SIGTERM leave it resumable."""
    from recognition.lab.training.detector import train_detector
    from recognition.lab.training.detector_result import save_result
    from recognition.lab.training.detector_run import DetectorRun

    file = DETECTOR_RECIPES.find(arguments.recipe)
    recipe = DETECTOR_RECIPES.load(file, tuple(arguments.set))
    out, name = arguments.out or Path("runs") / file.stem, arguments.name or file.stem
    report = speaker(as_json=False)
    detector_run = DetectorRun(
        recipe,
        arguments.data,
        out,
        device=resolve_device(arguments.device),
        seed=arguments.seed,
        start=_start(recipe.network.weights),
        negatives=tuple(arguments.negatives),
        workers=arguments.workers,
    )
    with resumable(out, " with --resume"):
        trained = train_detector(detector_run, arguments.recipe, resume=arguments.resume, report=report)
        card = save_result(trained, recipe, name, arguments.data, out, report, arguments.background_dir)
    print_result(card, out)
    return 0


def _start(weights: str) -> Path | None:
    if not weights:
        return None
    card, folder = find_detector(weights)
    return weights_file(card, folder)

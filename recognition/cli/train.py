"""`train`: train a network from a recipe and a data set, and write its weights with their card."""

import argparse
from pathlib import Path

from recognition.cli.long_run import print_result, resumable, speaker
from recognition.devices import resolve_device
from recognition.lab.training.recipe import find_recipe, load_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("recipe", help="a name such as best/se_resnet, or a TOML file")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="Kaggle's fer2013.csv, or a folder with one folder per label",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a recipe's value"
    )
    parser.add_argument(
        "--val-fraction",
        type=float,
        metavar="F",
        help="hold out this share for validation if there is no val split",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="resume from the last checkpoint in --out")
    parser.add_argument("--out", type=Path, help="the run's folder (default runs/RECIPE)")
    parser.add_argument("--name", help="the weights' name (default: the recipe's)")


def run(arguments: argparse.Namespace) -> int:
    """Train, evaluate and write the result into the run's folder; Ctrl-C and SIGTERM leave it resumable."""
    from recognition.lab.training.run import train_from_recipe

    file = find_recipe(arguments.recipe)
    out = arguments.out or Path("runs") / file.stem
    overrides = list(arguments.set)
    if arguments.val_fraction is not None:
        overrides.append(f"data.val_fraction={arguments.val_fraction}")
    with resumable(out, " with --resume"):
        card = train_from_recipe(
            load_recipe(file, tuple(overrides)),
            file.stem if not arguments.name else arguments.name,
            arguments.recipe,
            arguments.data,
            out,
            device=resolve_device(arguments.device),
            seed=arguments.seed,
            resume=arguments.resume,
            report=speaker(as_json=False),
        )
    print_result(card, out)
    return 0

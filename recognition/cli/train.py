"""`train`: a recipe and a data set in, weights with their card out."""

import argparse
from pathlib import Path

from recognition.devices import resolve_device
from recognition.training.recipe import find_recipe, load_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("recipe", help="a name such as best/se_resnet, or a TOML file")
    parser.add_argument("--data", type=Path, required=True, help="fer2013.csv or the folder that holds it")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a recipe's value"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    parser.add_argument("--out", type=Path, help="the run's folder (default runs/RECIPE)")
    parser.add_argument("--name", help="the weights' name (default: the recipe's)")


def run(arguments: argparse.Namespace) -> int:
    """Train, evaluate and write the result into the run's folder."""
    from recognition.training.run import train_from_recipe

    file = find_recipe(arguments.recipe)
    out = arguments.out or Path("runs") / file.stem
    card = train_from_recipe(
        load_recipe(file, tuple(arguments.set)),
        file.stem if not arguments.name else arguments.name,
        arguments.recipe,
        arguments.data,
        out,
        device=resolve_device(arguments.device),
        seed=arguments.seed,
        resume=arguments.resume,
        report=lambda line: print(line, flush=True),
    )
    for evaluation in card.evaluations:
        low, high = evaluation.ci95
        print(
            f"{evaluation.split} {evaluation.metric}, views {evaluation.views}: {evaluation.value:.4f} "
            f"({low:.4f} to {high:.4f}, n = {evaluation.n})"
        )
    print(f"Wrote {out / card.name}.safetensors and its card; copy both into weights/ to serve them.")
    return 0

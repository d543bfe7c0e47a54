"""One training from files to files: read, train, evaluate, write."""

from collections.abc import Callable
from pathlib import Path

import torch

from recognition.cards import Card
from recognition.data.fer2013 import clean_training, read_fer2013
from recognition.errors import DataError
from recognition.registry import build_network
from recognition.training.loop import Training
from recognition.training.recipe import Recipe
from recognition.training.result import TrainingFacts, save_result


def train_from_recipe(
    recipe: Recipe,
    name: str,
    recipe_name: str,
    data: Path,
    out: Path,
    *,
    device: str,
    seed: int,
    resume: bool,
    report: Callable[[str], None],
) -> Card:
    """Train `recipe` on the data at `data` and write weights, card, history and curves into `out`.

    Raises DataError, RecipeError, TrainingDiverged.
    """
    splits = read_fer2013(data)
    train_name, val_name = recipe.data.train_split or "Training", recipe.data.val_split or "PublicTest"
    missing = {train_name, val_name} - set(splits)
    if missing:
        raise DataError(f"{data} has no split {', '.join(sorted(missing))}; the recipe needs it.")
    splits[train_name], left_out = clean_training(splits[train_name], splits[val_name])
    report(f"{len(splits[train_name])} pictures to train on; left out: {left_out}")
    torch.manual_seed(seed)
    network = build_network(
        recipe.network.architecture, classes=len(splits[train_name].labels), **recipe.network.arguments
    )
    training = Training(recipe, network, splits, out, device=torch.device(device), seed=seed, report=report)
    history = training.run(resume)
    history.draw(out / "curves.png")
    facts = TrainingFacts(
        recipe_name, "FER2013 " + train_name, seed, len(splits[train_name]), history.seconds, device
    )
    return save_result(name, training.result.cpu(), recipe, splits[val_name], facts, out)

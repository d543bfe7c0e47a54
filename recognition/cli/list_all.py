"""`list`: print the architectures at their original size, the recipes and the weights."""

import argparse
import json
from typing import Any

from recognition.folders import default_weights_folder
from recognition.lab.training.chain import list_chains
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES
from recognition.lab.training.recipe import list_recipes
from recognition.models.architectures import ARCHITECTURES
from recognition.models.cards import load_cards, weights_file
from recognition.networks.loading import count_parameters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print all architectures, recipes and weights."""
    content: dict[str, Any] = {
        "architectures": _architectures(),
        "recipes": list_recipes(),
        "detector_recipes": DETECTOR_RECIPES.names(),
        "chains": list_chains(),
        "weights": _weights(),
    }
    if arguments.json:
        print(json.dumps(content))
        return 0
    for architecture in content["architectures"]:
        size = " x ".join(map(str, architecture["input"]))
        print(f"{architecture['name']:16} {architecture['parameters']:>12,} parameters  input {size}")
    for recipe in (*content["recipes"], *content["detector_recipes"]):
        print(f"recipe {recipe}")
    for chain in content["chains"]:
        print(f"chain {chain}")
    for weights in content["weights"]:
        print(f"weights {weights['name']} ({weights['task']}) {weights['sha256'][:12]}")
    return 0


def _architectures() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "parameters": count_parameters(name),
            "input": list(architecture.input_chw),
            "classes": architecture.classes,
        }
        for name, architecture in ARCHITECTURES.items()
    ]


def _weights() -> list[dict[str, str]]:
    folder = default_weights_folder()
    return [
        {"name": card.name, "task": card.task, "file": str(weights_file(card, folder)), "sha256": card.sha256}
        for card in load_cards(folder).values()
    ]

"""`export-graphs`: write the graphs that serving on a CPU reads, beside their weights."""

import argparse
from pathlib import Path

from recognition.folders import default_weights_folder
from recognition.models.cards import load_cards


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--weights",
        type=Path,
        default=default_weights_folder(),
        metavar="FOLDER",
        help="the folder of the weights and their cards (default: WEIGHTS)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write a graph for each card of the folder."""
    from recognition.lab.export.graph import write_graph

    for card in load_cards(arguments.weights).values():
        print(f"Wrote {write_graph(card, arguments.weights)}", flush=True)
    return 0

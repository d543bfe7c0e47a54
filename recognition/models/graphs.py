"""A model's graph: an ONNX file of a few ten kilobytes that reads its weights from the file beside it.

The weights exist once, in the `.safetensors` file, so that the card's hash covers them.
"""

import hashlib
from pathlib import Path

import msgspec

from recognition.errors import GraphMissing, GraphOutdated, WeightsError
from recognition.models.cards import Card, weights_file

RECIPE = 1  # increase it when `recognition.lab.export.graph` writes another graph for the same card
KEY = "recognition.key"  # the name of the key in the ONNX file's metadata
REMEDY = "download it again, or run `python -m recognition export-graphs`, which needs torch."


def graph_file(card: Card, folder: Path) -> Path:
    """Return the path of a card's graph, whether it exists or not."""
    return folder / f"{card.name}.onnx"


def graph_key(card: Card) -> str:
    """Return a SHA-256 of everything in a card that its graph depends on; the graph contains it."""
    taken = card.input
    facts = (
        RECIPE,
        (card.sha256, card.architecture, card.arguments, card.outputs),
        (taken.height, taken.width, taken.channels, taken.mean, taken.std),
    )
    return hashlib.sha256(msgspec.json.encode(facts, order="deterministic")).hexdigest()


def find_graph(card: Card, folder: Path) -> Path:
    """Return the path of a card's graph, links followed; raise GraphMissing or GraphOutdated.

    What reads it reads the card's weights file too, whose hash is verified elsewhere. Raises WeightsError
    where that file is a link to another folder, which the readers of ONNX refuse.
    """
    file = graph_file(card, folder)
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise GraphMissing(f"{file}, the graph of {card.name}, is missing; {REMEDY}") from error
    # A search, because reading ONNX takes a library; no other 64 digits are the same.
    if graph_key(card).encode() not in content:
        raise GraphOutdated(f"{file} was not made for the weights and card beside it; {REMEDY}")
    graph, weights = file.resolve(), weights_file(card, folder).resolve()
    if weights.parent != graph.parent:
        raise WeightsError(
            f"{weights} and {graph} belong in one folder; copy the files instead of linking them."
        )
    return graph

"""Runs a card's net over a data set and reports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from recognition.cards import Card
from recognition.data.split import Split, read_split
from recognition.devices import resolve_device
from recognition.errors import DataError
from recognition.evaluation.classification import evaluate_logits
from recognition.evaluation.ferplus import LABELS, find_votes, in_majority_labels
from recognition.evaluation.views import view_logits
from recognition.labels import LABEL_SETS, FloatArray, label_positions
from recognition.networks.loading import FromPixels, load_network


@dataclass(frozen=True)
class Measured:
    """A model's answers about one split: logits (n, the split's labels), temperature, and the figures."""

    split: Split
    logits: FloatArray
    temperature: float
    report: dict[str, Any]


def evaluate_card(
    card: Card, folder: Path, data: Path, split: str | None, labels: tuple[str, ...], views: str, device: str
) -> Measured:
    """Let a card's net answer one split in the given labels; raise DataError where no picture has one."""
    chosen = read_labelled(data, split, labels, card)
    if not len(chosen.data):
        raise DataError(
            f"{data} has no picture of {', '.join(labels)} in {chosen.name}; choose another --split."
        )
    network = FromPixels(load_network(card, folder), card.input, len(card.labels))
    logits = view_logits(network, chosen.data.images, views, torch.device(resolve_device(device)))
    answers = logits[:, label_positions(card.labels, labels)]
    return Measured(
        chosen, answers, card.temperature, evaluate_logits(answers, labels, card.temperature, chosen)
    )


def read_labelled(data: Path, split: str | None, labels: tuple[str, ...], card: Card) -> Split:
    """Read one split as the card's net takes it; for `ferplus8` by FER+'s majority where there are votes."""
    votes = find_votes(data) if labels == LABELS else None
    own = labels if votes is None else LABEL_SETS["fer7"]
    chosen = read_split(data, split, own, card.input.height, card.input.channels)
    return chosen if votes is None else in_majority_labels(chosen, votes)

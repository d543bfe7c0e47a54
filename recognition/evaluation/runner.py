"""Runs a card's net over a data set and reports."""

from pathlib import Path
from typing import Any

import torch

from recognition.cards import Card
from recognition.data.folder import read_split
from recognition.devices import resolve_device
from recognition.evaluation.classification import evaluate_logits
from recognition.evaluation.views import view_logits
from recognition.networks.loading import FromPixels, load_network


def evaluate_card(
    card: Card, folder: Path, data: Path, split: str | None, labels: tuple[str, ...], views: str, device: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Report on one split in the given labels; also the lines about unreadable files."""
    chosen = read_split(data, split, labels, card.input.height)
    network = FromPixels(load_network(card, folder), card.input)
    logits = view_logits(network, chosen.data.images, views, torch.device(resolve_device(device)))
    return evaluate_logits(logits, card.labels, card.temperature, chosen), chosen.unreadable

"""What the served models' cards say about stored results: title, task, and when a result is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from recognition import UNCERTAIN_BELOW, Card, default_weights_folder, load_cards


def card_of(model: str) -> Card | None:
    """Return a model's card; None where it is not served any more."""
    return _cards(default_weights_folder()).get(model)


def model_title(model: str) -> str:
    """Return a model's title; the stored name where the model is not served any more."""
    card = card_of(model)
    return model if card is None else card.title


def threshold_of(model: str, labels: Sequence[str]) -> float:
    """Return the threshold of a model's answers over these labels; the usual where it is not served."""
    card = card_of(model)
    heads = card.heads if card is not None else ()
    thresholds = (head.uncertain_below for head in heads if head.labels == tuple(labels))
    return next(thresholds, UNCERTAIN_BELOW)


@cache
def _cards(weights: Path) -> dict[str, Card]:
    return load_cards(weights)

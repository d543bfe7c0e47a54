"""Evaluates a card's network on a data set, and reports."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from recognition.devices import resolve_device
from recognition.errors import DataError
from recognition.lab.data.layout import find_fer2013
from recognition.lab.data.split import Split, read_split
from recognition.lab.evaluation.classification import Answers, answers_in, evaluate_answers
from recognition.lab.evaluation.test_time_augmentation import tta_logits
from recognition.models.cards import Card
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import FromPixels, load_network


@dataclass(frozen=True)
class Measured:
    """A model's answers about one split, in the split's labels, and the figures."""

    split: Split
    answers: Answers
    report: dict[str, Any]


def evaluate_card(
    card: Card, folder: Path, data: Path, split: str | None, labels: tuple[str, ...], views: str, device: str
) -> Measured:
    """Classify one split with a card's network, in the given labels; raise DataError if no image has one."""
    chosen = read_labelled(data, split, labels, card)
    if not len(chosen.data):
        raise DataError(
            f"{data} has no image of {', '.join(labels)} in {chosen.name}; choose another --split."
        )
    head = card.head(labels)
    network = FromPixels.of_head(load_network(card, folder), card.input, head)
    logits = tta_logits(network, chosen.data.images, views, torch.device(resolve_device(device)))
    answers = answers_in(logits, head, labels)
    return Measured(chosen, answers, evaluate_answers(answers, chosen))


def read_labelled(data: Path, split: str | None, labels: tuple[str, ...], card: Card) -> Split:
    """Read one split as the card's network takes it; for `ferplus8` by FER+'s majority vote, if any."""
    taken = card.input.height, card.input.channels
    if labels == LABEL_SETS["ferplus8"] and find_fer2013(data):
        kaggles = read_split(data, split, LABEL_SETS["fer7"], *taken)
        if kaggles.data.majority is not None:
            named = kaggles.data.by_majority()
            return replace(kaggles, data=named, left_out=len(kaggles.data) - len(named))
    return read_split(data, split, labels, *taken)

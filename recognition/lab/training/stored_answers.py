"""Predictions of served networks for training images, computed once and stored: targets for distillation."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recognition.atomic_files import complete_files
from recognition.errors import RecipeError
from recognition.folders import default_cache_folder
from recognition.lab.training.domains import HEADS, logits_of
from recognition.models.cards import Card, load_card
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray, UInt8Array


def stored_answers(card_file: Path, cut: Callable[[Card], UInt8Array]) -> FloatArray:
    """Return a card's calibrated probabilities (n, 15), of fer7 and then of ferplus8.

    They are means over each image and its mirror image. `cut` returns the images as the card's network takes
    them. Raises RecipeError for a card that lacks one of the heads.
    """
    card = load_card(card_file.with_suffix(".json"))
    images = cut(card)
    digest = hashlib.sha256(f"{card.sha256} {card.heads}".encode())
    digest.update(np.ascontiguousarray(images).data)
    folder = default_cache_folder() / "stored_answers"
    file = folder / f"{digest.hexdigest()[:24]}.npy"
    if file.is_file():
        return np.asarray(np.load(file), np.float32)
    answers = _answers(card, card_file.parent, images)
    with complete_files(folder) as unfinished:
        np.save(unfinished / file.name, answers)
    return answers


def _answers(card: Card, folder: Path, images: UInt8Array) -> FloatArray:
    import torch

    heads = {head.labels: head for head in card.heads}
    missing = [name for name in HEADS if LABEL_SETS[name] not in heads]
    if missing:
        raise RecipeError(f"The teacher {card.name} has no head for {missing[0]}; choose another one.")
    network = FromPixels(load_network(card, folder), card.input)
    # Mirrored left to right: the axis of columns is the third of gray and of color images alike.
    views = [logits_of(network, view, torch.device("cpu")) for view in (images, images[:, :, ::-1].copy())]
    by_head = [
        np.mean([heads[LABEL_SETS[name]].probabilities(view) for view in views], axis=0) for name in HEADS
    ]
    return np.concatenate(by_head, axis=1).astype(np.float32)

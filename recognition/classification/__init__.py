"""Classifies a face crop or a whole image: one file per backend, behind `base.Classifier`."""

from pathlib import Path

from recognition.classification.base import Classifier
from recognition.models.cards import Card

__all__ = ["Classifier", "open_classifier"]


def open_classifier(card: Card, folder: Path, device: str, cache_folder: Path) -> Classifier:
    """Load a card's network for `cpu` (from its prepared export, else ExportMissing) or `cuda:N`."""
    if device == "cpu":
        from recognition.classification.openvino_classifier import OpenVinoClassifier

        return OpenVinoClassifier.open(card, cache_folder)
    from recognition.classification.torch_classifier import TorchClassifier

    return TorchClassifier.open(card, folder, device)

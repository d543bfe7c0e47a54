"""Classifies a face crop or a whole image: one file per backend, behind `base.Classifier`."""

from pathlib import Path

from recognition.classification.base import Classifier
from recognition.models.cards import Card

__all__ = ["Classifier", "open_classifier"]


def open_classifier(card: Card, folder: Path, device: str) -> Classifier:
    """Load a card's network for `cpu` (OpenVINO, from its graph) or `cuda:N` (torch); raise WeightsError."""
    if device == "cpu":
        from recognition.classification.openvino_classifier import OpenVinoClassifier

        return OpenVinoClassifier.open(card, folder)
    from recognition.classification.torch_classifier import TorchClassifier

    return TorchClassifier.open(card, folder, device)

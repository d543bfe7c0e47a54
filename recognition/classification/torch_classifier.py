"""A card's network in torch: half precision on CUDA, float elsewhere."""

from pathlib import Path

import numpy as np
import torch

from recognition.models.cards import Card
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray, UInt8Array


class TorchClassifier:
    """Classify crops with torch on one device."""

    def __init__(self, network: FromPixels, device: str, labels: int) -> None:
        self._device = torch.device(device)
        self._network = network.to(device=self._device).eval()
        self._labels = labels

    @classmethod
    def open(cls, card: Card, folder: Path, device: str) -> "TorchClassifier":
        """Load the card's verified weights onto `device`."""
        network = FromPixels(load_network(card, folder), card.input, card.outputs)
        return cls(network, device, card.outputs)

    def classify(self, crops: UInt8Array) -> FloatArray:
        """Return logits (n, labels) for squares as the card's network takes them."""
        if not len(crops):
            return np.zeros((0, self._labels), np.float32)
        half = self._device.type == "cuda"
        with torch.inference_mode(), torch.autocast(self._device.type, torch.float16, enabled=half):
            logits = self._network(torch.from_numpy(crops).to(self._device))
        return np.asarray(logits.float().cpu().numpy(), dtype=np.float32)

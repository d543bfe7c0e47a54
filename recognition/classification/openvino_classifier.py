"""A card's graph run by OpenVINO on the CPU: needs no torch."""

from pathlib import Path

import numpy as np
import openvino

from recognition.models.cards import Card, verified_weights
from recognition.models.graphs import find_graph
from recognition.types import FloatArray, UInt8Array

# Full precision keeps live answers equal to the evaluated ones, and is a small part of a frame's cost. It is
# always set, since OpenVINO's own choice differs between processors.
# Not pinned, as the detector is not: the server's own threads share the cores.
SETTINGS = {
    "PERFORMANCE_HINT": "LATENCY",
    "INFERENCE_PRECISION_HINT": "f32",
    "ENABLE_CPU_PINNING": False,
}


class OpenVinoClassifier:
    """Classify crops on the CPU; for one thread at a time."""

    def __init__(self, model: openvino.CompiledModel, labels: int) -> None:
        self._request = model.create_infer_request()
        self._labels = labels

    @classmethod
    def open(cls, card: Card, folder: Path) -> "OpenVinoClassifier":
        """Compile the card's graph with its weights in `folder`; raise WeightsError."""
        verified_weights(card, folder)
        model = openvino.Core().compile_model(find_graph(card, folder), "CPU", SETTINGS)
        return cls(model, card.outputs)

    def classify(self, crops: UInt8Array) -> FloatArray:
        """Return logits (n, labels) for squares as the card's network takes them."""
        if not len(crops):
            return np.zeros((0, self._labels), np.float32)
        self._request.infer([np.ascontiguousarray(crops)])
        # A copy: the request writes its next answer into the same memory.
        return np.array(self._request.get_output_tensor().data, dtype=np.float32)

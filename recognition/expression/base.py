"""What every classifier owes its callers."""

from typing import Protocol

from recognition.types import FloatArray, UInt8Array


class Classifier(Protocol):
    """One method: grey crops in, logits out."""

    def classify(self, crops: UInt8Array) -> FloatArray:
        """Give logits (n, labels) for crops (n, height, width) of the card's input size; n may be 0."""
        ...

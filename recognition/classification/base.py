"""The interface of every classifier."""

from typing import Protocol

from recognition.types import FloatArray, UInt8Array


class Classifier(Protocol):
    """One method: squares of pixels in, logits out."""

    def classify(self, crops: UInt8Array) -> FloatArray:
        """Return logits (n, labels) for squares of the card's input size; n may be 0.

        They are uint8: (n, height, width) gray, or (n, height, width, 3) RGB for a card of three channels.
        """
        ...

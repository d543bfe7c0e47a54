"""The interface of a face detector."""

from collections.abc import Sequence
from typing import Protocol

from recognition.types import DetectedBox, UInt8Array


class Detector(Protocol):
    """Finds faces. One thread at a time may call it."""

    def detect(self, images_bgr: Sequence[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        """Return each image's faces by falling score, an empty tuple where there is none.

        `images_bgr`: images (height, width, 3), of one size or of several; `image_size`: the longer
        side in pixels to which each is scaled first, a multiple of 32. Raises ValueError for another size.
        """
        ...

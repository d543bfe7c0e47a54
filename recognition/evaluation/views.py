"""Several looks at one image, averaged: 1, flip, or the ten views of document 5."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from recognition.labels import FloatArray
from recognition.types import UInt8Array

VIEWS = ("1", "flip", "ten")
# At once through the net: 256 images of 48 x 48, a dozen of 224 x 224.
BATCH_PIXELS = 256 * 48 * 48
# A corner view is 44 of 48 pixels, as in document 5.
CROP_SHARE = 44 / 48


def view_logits(network: nn.Module, images: UInt8Array, views: str, device: torch.device) -> FloatArray:
    """Logits (n, labels) of images: log of the mean probability over the views.

    `images`: (n, h, w) grey or (n, h, w, 3) RGB; `network` takes such pixels as uint8.
    Raises ValueError for other views.
    """
    if views not in VIEWS:
        raise ValueError(f"views is {views!r}; choose one of {', '.join(VIEWS)}.")
    network = network.eval().to(device)
    batch = max(BATCH_PIXELS // (images.shape[1] * images.shape[2]), 1)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(images), batch):
            pixels = torch.from_numpy(np.ascontiguousarray(images[start : start + batch])).to(device)
            probabilities = torch.stack([network(view).softmax(1) for view in _looks(pixels, views)])
            parts.append(probabilities.mean(0).clamp_min(1e-12).log().cpu().numpy())
    return np.concatenate(parts).astype(np.float32)


def _looks(pixels: Tensor, views: str) -> Iterator[Tensor]:
    """The views of pixels (n, h, w) or (n, h, w, 3)."""
    if views in ("1", "flip"):
        yield pixels
        if views == "flip":
            yield pixels.flip(2)
        return
    height, width = pixels.shape[1:3]
    tall, wide = round(height * CROP_SHARE), round(width * CROP_SHARE)
    middle = ((height - tall) // 2, (width - wide) // 2)
    for top, left in ((0, 0), (0, width - wide), (height - tall, 0), (height - tall, width - wide), middle):
        crop = pixels[:, top : top + tall, left : left + wide]
        yield crop
        yield crop.flip(2)

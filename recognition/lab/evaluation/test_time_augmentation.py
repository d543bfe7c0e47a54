"""Test-time augmentation, averaged predictions: 1 (none), flip, or the ten crops of the CBAM-ResNet paper."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from recognition.types import FloatArray, UInt8Array

TTA = ("1", "flip", "ten")
# At once through the network: 256 images of 48 x 48, a dozen of 224 x 224.
BATCH_PIXELS = 256 * 48 * 48
# A crop is 44 of 48 pixels, as in the CBAM-ResNet paper.
CROP_SHARE = 44 / 48


def tta_logits(network: nn.Module, images: UInt8Array, tta: str, device: torch.device) -> FloatArray:
    """Logits (n, labels) of images: log of the mean probability over the crops.

    `images`: (n, h, w) gray or (n, h, w, 3) RGB; `network` takes such pixels as uint8.
    Raises ValueError for other modes.
    """
    if tta not in TTA:
        raise ValueError(f"tta is {tta!r}; choose one of {', '.join(TTA)}.")
    network = network.eval().to(device)
    batch = max(BATCH_PIXELS // (images.shape[1] * images.shape[2]), 1)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(images), batch):
            pixels = torch.from_numpy(np.ascontiguousarray(images[start : start + batch])).to(device)
            probabilities = torch.stack([network(crop).softmax(1) for crop in _crops(pixels, tta)])
            parts.append(probabilities.mean(0).clamp_min(1e-12).log().cpu().numpy())
    return np.concatenate(parts).astype(np.float32)


def _crops(pixels: Tensor, tta: str) -> Iterator[Tensor]:
    """The crops of pixels (n, h, w) or (n, h, w, 3)."""
    if tta in ("1", "flip"):
        yield pixels
        if tta == "flip":
            yield pixels.flip(2)
        return
    height, width = pixels.shape[1:3]
    tall, wide = round(height * CROP_SHARE), round(width * CROP_SHARE)
    middle = ((height - tall) // 2, (width - wide) // 2)
    for top, left in ((0, 0), (0, width - wide), (height - tall, 0), (height - tall, width - wide), middle):
        crop = pixels[:, top : top + tall, left : left + wide]
        yield crop
        yield crop.flip(2)

"""Pictures for frames: two faces at 640 x 480, nothing at all, and some that are no good."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480


def two_faces(zidane_jpg: Path, jpeg_quality: int = 80) -> bytes:
    """Return the 1280 x 720 picture, scaled to 640 wide, between black bars: 640 x 480 with two faces."""
    image = cv2.imread(str(zidane_jpg))
    assert image is not None
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    canvas[60:420] = cv2.resize(image, (640, 360), interpolation=cv2.INTER_AREA)
    return jpeg(canvas, jpeg_quality)


def nobody(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return a picture of nothing: dark on the left, light on the right."""
    row = np.linspace(0, 255, width, dtype=np.uint8)
    return jpeg(np.tile(row[None, :, None], (height, 1, 3)), 80)


def jpeg(image: np.ndarray, jpeg_quality: int) -> bytes:
    """Encode."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])
    assert done
    return data.tobytes()


def with_sides(data: bytes, width: int, height: int) -> bytes:
    """Return a JPEG whose own header claims other sides."""
    start = data.index(b"\xff\xc0")
    return data[: start + 5] + struct.pack(">HH", height, width) + data[start + 9 :]

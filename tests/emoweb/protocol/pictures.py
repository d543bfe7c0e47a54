"""Pictures for frames: two faces at 640 x 480, nothing at all, and some that are no good."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from recognition.lab.evaluation.samples import two_faces_bgr

WIDTH, HEIGHT = 640, 480


def two_faces() -> bytes:
    """Return the sample picture as a webcam would give it: 640 x 480 with two faces."""
    return jpeg(two_faces_bgr(WIDTH, HEIGHT), 80)


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

"""A real image with two faces, which comes with ultralytics: for benchmarks and for trying things out."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from recognition.errors import DataError
from recognition.images.decoding import read_image_bgr
from recognition.types import UInt8Array


def two_faces_file() -> Path:
    """The image's file; raise DataError where ultralytics is not installed. Does not import it."""
    spec = find_spec("ultralytics")
    file = Path(spec.origin or "").parent / "assets" / "zidane.jpg" if spec else Path("zidane.jpg")
    if not file.is_file():
        raise DataError("The sample image of ultralytics is missing; install requirements.txt.")
    return file


def two_faces_bgr(width: int = 640, height: int = 480) -> UInt8Array:
    """The image at a webcam's size (height, width, 3) BGR, cut to shape around both faces."""
    image = read_image_bgr(two_faces_file())
    tall, wide = image.shape[:2]
    cut = min(wide, round(tall * width / height))
    left = (wide - cut) // 2
    part = np.ascontiguousarray(image[:, left : left + cut])
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)

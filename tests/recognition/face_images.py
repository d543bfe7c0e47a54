"""A few made images with one round "face" each, laid out as a detector's data set."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np


def write_face_images(folder: Path, counts: Mapping[str, int]) -> None:
    """Write so many 96 x 64 images of each split, with a 32 px box in the middle of each."""
    generator = np.random.default_rng(0)
    for split, count in counts.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for index in range(count):
            image = generator.integers(0, 255, (64, 96, 3), dtype=np.uint8)
            cv2.circle(image, (48, 32), 16, (180, 200, 240), -1)
            cv2.imwrite(str(folder / "images" / split / f"{index}.png"), image)
            (folder / "labels" / split / f"{index}.txt").write_text("0 .5 .5 .33333 .5\n")

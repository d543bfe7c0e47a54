"""The live threshold that lets few boxes pass where no face is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.lab.training.detector_result import quiet_threshold
from recognition.types import Box, DetectedBox, UInt8Array


class Scripted:
    """Finds boxes of the next scores."""

    def __init__(self, scores: list[list[float]]) -> None:
        self._scores = iter(scores)

    def detect(self, images_bgr: list[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        return [
            tuple(DetectedBox(Box(0, 0, 1, 1), score) for score in next(self._scores)) for _ in images_bgr
        ]


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"{number}.png" for number in range(40)]
    for file in files:
        cv2.imwrite(str(file), np.zeros((8, 8, 3), np.uint8))
    return files


def test_two_boxes_in_forty_images_may_pass(images: list[Path]) -> None:
    scores = [[0.9, 0.305], [0.8], [0.2]] + [[] for _ in range(37)]
    threshold = quiet_threshold(Scripted(scores), images, 320)
    assert threshold == pytest.approx(0.31)
    assert sum(score >= threshold for some in scores for score in some) == 2


def test_a_quiet_detector_needs_no_threshold(images: list[Path]) -> None:
    assert quiet_threshold(Scripted([[0.5], [0.4]] + [[] for _ in range(38)]), images, 320) == 0.0

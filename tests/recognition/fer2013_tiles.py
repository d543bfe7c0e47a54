"""FER2013 as lossless grids of tiles, as the data folder has it."""

import csv
from pathlib import Path

import cv2
import numpy as np

from recognition.lab.data.labelled import LabelledImages
from recognition.models.tasks import LABEL_SETS


def published(tiles: Path, usage: str) -> tuple[LabelledImages, list[list[str]]]:
    """One split straight from the tiles, without the CSV (270 MB), and its rows of labels and votes."""
    with (tiles / "labels.csv").open(newline="") as labels:
        everything = list(csv.reader(labels))[1:]
    rows = [row for row in everything if row[0] == usage]
    grid = cv2.imread(
        str(tiles / {"Training": "train.png", "PublicTest": "public_test.png"}[usage]), cv2.IMREAD_GRAYSCALE
    )
    assert grid is not None
    down, across = grid.shape[0] // 48, grid.shape[1] // 48
    images = grid.reshape(down, 48, across, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48)[: len(rows)]
    return LabelledImages(images, np.array([int(row[1]) for row in rows], np.int64), LABEL_SETS["fer7"]), rows

"""JAFFE as its owners distribute it: one flat folder, the person and the expression in each file's name."""

import re
from pathlib import Path

import numpy as np

from recognition.errors import DataError
from recognition.images.files import files_in
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.squares import read_images
from recognition.models.tasks import LABEL_SETS

NAME = re.compile(r"(?P<person>[A-Z]{2})\.(?P<code>AN|DI|FE|HA|SA|SU|NE)\d\.\d+\.\w+", re.IGNORECASE)
LABELS = LABEL_SETS["fer7"]
LABEL_OF_CODE = {"AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy"} | {
    "SA": "sad", "SU": "surprise", "NE": "neutral",
}  # fmt: skip


def is_jaffe(folder: Path) -> bool:
    """Return whether images named like KA.AN1.39.tiff are in `folder` itself."""
    return folder.is_dir() and any(NAME.fullmatch(file.name) for file in files_in(folder))


def read_jaffe(folder: Path, size_px: int, channels: int) -> tuple[LabelledImages, tuple[str, ...]]:
    """Read the images, labeled in fer7, persons as groups; also a line for each unreadable file.

    Raises DataError where an expression has no image.
    """
    files = [file for file in files_in(folder) if NAME.fullmatch(file.name)]
    names = [NAME.fullmatch(file.name) for file in files]
    targets = np.array(
        [LABELS.index(LABEL_OF_CODE[name["code"].upper()]) for name in names if name], np.int64
    )
    persons = np.array([name["person"].upper() for name in names if name])
    images, readable, unreadable = read_images(files, size_px, channels)
    missing = [label for number, label in enumerate(LABELS) if number not in targets[readable]]
    if missing:
        raise DataError(f"{folder} has no readable images of {', '.join(missing)}; copy JAFFE again.")
    data = LabelledImages(
        images,
        targets[readable],
        LABELS,
        np.array([file.name for file in files])[readable],
        persons[readable],
    )
    return data, unreadable

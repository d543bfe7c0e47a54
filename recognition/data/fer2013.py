"""FER2013 as Kaggle gives it: one CSV with the columns emotion, pixels, Usage."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.data.labelled import LabelledImages
from recognition.errors import DataError
from recognition.labels import LABEL_SETS

SIDE_PX = 48
LABELS = LABEL_SETS["fer7"]
COLUMNS = ("emotion", "pixels", "Usage")


def read_fer2013(path: Path) -> dict[str, LabelledImages]:
    """Read `fer2013.csv` (or the folder that holds it) into its splits: Training, PublicTest, PrivateTest.

    Raises DataError, naming the line, where the file is not in Kaggle's form.
    """
    file = path / "fer2013.csv" if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"{file} is missing; put Kaggle's fer2013.csv there.")
    rows: dict[str, list[tuple[int, npt.NDArray[np.uint8]]]] = {}
    with file.open(newline="") as lines:
        reader = csv.DictReader(lines)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise DataError(f"{file} needs the columns {', '.join(COLUMNS)} in its first line.")
        for row in reader:
            rows.setdefault(row["Usage"], []).append(_read_row(row, file, reader.line_num))
    if not rows:
        raise DataError(f"{file} has no pictures; fetch it anew.")
    return {usage: _stack(members) for usage, members in rows.items()}


def _read_row(row: dict[str, str], file: Path, line: int) -> tuple[int, npt.NDArray[np.uint8]]:
    try:
        emotion, pixels = int(row["emotion"]), np.array(row["pixels"].split(), dtype=np.uint8)
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"{file}, line {line}: not a row of FER2013 ({error}); fetch the file anew."
        ) from error
    if not 0 <= emotion < len(LABELS) or pixels.size != SIDE_PX**2:
        raise DataError(f"{file}, line {line}: needs a label from 0 to 6 and {SIDE_PX**2} pixels.")
    return emotion, pixels


def _stack(members: list[tuple[int, npt.NDArray[np.uint8]]]) -> LabelledImages:
    images = np.stack([pixels for _, pixels in members]).reshape(-1, SIDE_PX, SIDE_PX)
    return LabelledImages(images, np.array([emotion for emotion, _ in members], dtype=np.int64), LABELS)


def clean_training(
    training: LabelledImages, held_out: LabelledImages
) -> tuple[LabelledImages, dict[str, int]]:
    """Leave out of `training` what equals a held-out picture to the pixel, and pictures of one single value.

    Returns the rest and how many were left out for which reason.
    """
    known = {image.tobytes() for image in held_out.images}
    copies = np.array([image.tobytes() in known for image in training.images], dtype=np.bool_)
    blank = np.asarray(training.images.min(axis=(1, 2)) == training.images.max(axis=(1, 2)))
    counts = {"equal_to_held_out": int(copies.sum()), "blank": int((blank & ~copies).sum())}
    return training.without(copies | blank), counts

"""Images with face boxes, in ultralytics' layout."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recognition.errors import DataError
from recognition.images.files import images_in, subfolders
from recognition.types import FloatArray


@dataclass(frozen=True, slots=True)
class FaceImage:
    """One image's file, the subset it came from (None when unknown), and its faces.

    `boxes_cxcywh` (faces, 4): center and size in fractions of the image.
    """

    file: Path
    subset: str | None
    boxes_cxcywh: FloatArray


def read_face_images(folder: Path, split: str) -> tuple[FaceImage, ...]:
    """Return the split's images in name order, from `images/<split>`, `labels/<split>` and `manifest.csv`.

    An image without a label file has no face; `manifest.csv` may be missing.
    `folder` may also be the one that holds the data set's single folder. Raises DataError.
    """
    root = face_folder(folder)
    images = root / "images" / split
    if not images.is_dir():
        raise DataError(f"{root} has no images/{split}; pass the folder that contains images/ and labels/.")
    subsets = _subsets(root / "manifest.csv")
    files = images_in(images)
    if not files:
        raise DataError(f"{images} contains no image.")
    labels = root / "labels" / split
    return tuple(
        FaceImage(file, subsets.get(file.name), _boxes(labels / f"{file.stem}.txt")) for file in files
    )


def face_folder(folder: Path) -> Path:
    """Return the folder that holds `images/`: `folder` or its only such subfolder. Raises DataError."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder.")
    if (folder / "images").is_dir():
        return folder
    inside = [entry for entry in subfolders(folder) if (entry / "images").is_dir()]
    if len(inside) != 1:
        raise DataError(f"{folder} contains no images/ folder; pass the one with images/ and labels/.")
    return inside[0]


def _subsets(manifest: Path) -> dict[str, str]:
    if not manifest.exists():
        return {}
    with manifest.open(newline="", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines)
        if not {"file", "subset"} <= set(rows.fieldnames or ()):
            raise DataError(f"{manifest} lacks the column file or subset.")
        return {row["file"]: row["subset"] for row in rows}


def _boxes(label_file: Path) -> FloatArray:
    if not label_file.exists():
        return np.zeros((0, 4), np.float32)
    rows = [line.split() for line in label_file.read_text(encoding="ascii").splitlines() if line.strip()]
    if any(len(row) != 5 for row in rows):
        raise DataError(f"{label_file} has a line that is not `class cx cy width height`.")
    try:
        values = np.array(rows, np.float32).reshape(-1, 5)[:, 1:]
    except ValueError as error:
        raise DataError(f"{label_file} contains a value that is not a number.") from error
    if not np.isfinite(values).all() or (values < 0).any() or (values > 1).any():
        raise DataError(f"{label_file} has a value outside 0..1; boxes are fractions of the image.")
    return values

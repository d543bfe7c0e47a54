"""Any folder of pictures: one folder a label, with or without train, val and test above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from recognition.data.fer2013 import read_fer2013
from recognition.data.labelled import LabelledImages
from recognition.errors import DataError, ImageUnreadable
from recognition.images import PICTURE_SUFFIXES, read_picture_bgr

SPLIT_FOLDERS = ("train", "val", "test")


@dataclass(frozen=True)
class Split:
    """The pictures that were asked for, their split's name, and how many were left out or unreadable."""

    name: str
    data: LabelledImages
    left_out: int
    unreadable: tuple[str, ...] = ()


def read_split(path: Path, split: str | None, labels: Sequence[str], side_px: int) -> Split:
    """Read one split for `labels`: Kaggle's CSV, label folders, or label folders inside split folders.

    The default split is PublicTest or val. Pictures of other labels are left out and counted.
    Raises DataError where nothing fits.
    """
    if path.suffix == ".csv" or (path / "fer2013.csv").is_file():
        return _kaggle_split(path, split or "PublicTest", labels)
    if not path.is_dir():
        raise DataError(f"{path} is no folder; give one with a folder of pictures for each label.")
    name = split or "val"
    if any((path / folder).is_dir() for folder in SPLIT_FOLDERS):
        if not (path / name).is_dir():
            raise DataError(f"{path} has no folder {name}; choose another --split.")
        return _read_folders(path / name, name, labels, side_px)
    return _read_folders(path, "all", labels, side_px)


def _kaggle_split(path: Path, name: str, labels: Sequence[str]) -> Split:
    splits = read_fer2013(path)
    if name not in splits:
        raise DataError(f"{path} has no split {name}; choose one of {', '.join(sorted(splits))}.")
    return select_labels(name, splits[name], labels)


def select_labels(name: str, data: LabelledImages, labels: Sequence[str]) -> Split:
    """Keep the pictures of `labels`, renumbered in their order, and count the others."""
    number = np.array([labels.index(label) if label in labels else -1 for label in data.labels])
    targets = number[data.targets]
    kept = targets >= 0
    chosen = LabelledImages(data.images[kept], targets[kept], tuple(labels))
    return Split(name, chosen, int((~kept).sum()))


def _read_folders(folder: Path, name: str, labels: Sequence[str], side_px: int) -> Split:
    images, targets, unreadable, left_out = [], [], [], 0
    for label_folder in sorted(child for child in folder.iterdir() if child.is_dir()):
        files = sorted(f for f in label_folder.rglob("*") if f.suffix.lower() in PICTURE_SUFFIXES)
        if label_folder.name not in labels:
            left_out += len(files)
            continue
        for file in files:
            try:
                gray = cv2.cvtColor(read_picture_bgr(file), cv2.COLOR_BGR2GRAY)
            except ImageUnreadable as error:
                unreadable.append(f"{file}: {error}")
                continue
            larger = max(gray.shape) > side_px
            interpolation = cv2.INTER_AREA if larger else cv2.INTER_LINEAR
            images.append(cv2.resize(gray, (side_px, side_px), interpolation=interpolation))
            targets.append(labels.index(label_folder.name))
    if not images:
        raise DataError(
            f"{folder} has no pictures of {', '.join(labels)}; give a folder with one folder a label."
        )
    data = LabelledImages(np.stack(images).astype(np.uint8), np.array(targets, np.int64), tuple(labels))
    return Split(name, data, left_out, tuple(unreadable))

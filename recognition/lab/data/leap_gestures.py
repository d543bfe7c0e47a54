"""leapGestRecog: one folder per person (00 to 09), each with one folder per sign (01_palm to 10_down)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recognition.images.files import images_in, subfolders
from recognition.lab.data.image_files import ImageFiles
from recognition.lab.data.label_folders import label_folders, list_files
from recognition.lab.data.label_names import LabelNames, name_labels

VAL_SHARE = 0.2  # of the persons, unless the caller says otherwise


def is_leap_gestures(root: Path, labels: Sequence[str] = ()) -> bool:
    """Return whether two or more folders, no label among them, hold the same sign folders and no image."""
    persons = subfolders(root)
    if len(persons) < 2 or name_labels([person.name for person in persons], labels).label_of:
        return False
    signs = [sign.name for sign in subfolders(persons[0])]
    return len(signs) > 1 and all(
        [sign.name for sign in subfolders(person)] == signs and not images_in(person) for person in persons
    )


def list_leap_gestures(
    root: Path, labels: Sequence[str], val_fraction: float
) -> tuple[LabelNames, dict[str, ImageFiles]]:
    """Return the labels and the splits train and val: the last fifth of the persons is val.

    A random split would leak: the images are frames of videos, and one video's frames are nearly equal.
    """
    persons = subfolders(root)
    signs = tuple(label_folders(persons[0]))
    names = name_labels(signs, labels or signs)
    held_out = min(max(round(len(persons) * (val_fraction or VAL_SHARE)), 1), len(persons) - 1)
    return names, {
        "train": _list(persons[:-held_out], names),
        "val": _list(persons[-held_out:], names),
    }


def _list(persons: Sequence[Path], names: LabelNames) -> ImageFiles:
    parts = [list_files(label_folders(person), names) for person in persons]
    return ImageFiles(
        tuple(file for part in parts for file in part.files),
        np.concatenate([part.targets for part in parts]),
        tuple(person.name for person, part in zip(persons, parts, strict=True) for _ in part.files),
        tuple(folder for part in parts for folder in part.empty),
        sum(part.left_out for part in parts),
        parts[0].others,
    )

"""Finds a folder's images without reading them: the splits, labels and files of each layout."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.errors import DataError
from recognition.images.files import subfolders
from recognition.lab.data.fer2013 import is_fer2013
from recognition.lab.data.image_files import ImageFiles
from recognition.lab.data.label_folders import label_folders, list_files
from recognition.lab.data.label_names import labels_of_folders, name_labels
from recognition.lab.data.leap_gestures import is_leap_gestures, list_leap_gestures

# What a split is for, by the names that data sets give its folder; the first name is ours.
SPLIT_FOLDERS = {
    "train": ("train", "training", "seg_train"),
    "val": ("val", "valid", "validation", "public_test"),
    "test": ("test", "testing", "seg_test", "private_test"),
}
Numbers = npt.NDArray[np.int64]
WHOLE = "all"  # the one split of a folder that has none


@dataclass(frozen=True)
class Layout:
    """A folder's splits by name, all with the same labels.

    `train_split` and `val_split` say which of them learn and choose, "" where none does. `folders`: the names
    of the label folders, before they are matched to the labels.
    """

    root: Path
    labels: tuple[str, ...]
    splits: dict[str, ImageFiles]
    train_split: str
    val_split: str
    notes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def found(self) -> str:
        """What an error says where folders do not name the labels that are expected."""
        return f"found the folders {', '.join(self.folders)}; name the folders after the labels."


def lay_out(path: Path, labels: Sequence[str] = (), val_fraction: float = 0.0, seed: int = 0) -> Layout:
    """Find the layout of the folder `path`; a folder that holds one folder only is entered.

    Images of other labels than `labels` are left out and counted; without `labels` all folders are labels.
    Raises DataError where there is no label folder, or a held-out one that is not among the training ones.
    """
    check_share(val_fraction)
    root = enter(path, labels)
    if any(split_role(folder) for folder in subfolders(root)):
        layout = _split_folders(root, labels)
    elif is_leap_gestures(root, labels):
        return _persons(root, labels, val_fraction)
    else:
        folders = label_folders(root)
        names = name_labels(folders, labels or labels_of_folders(tuple(folders)))
        splits = {WHOLE: list_files(folders, names)}
        layout = Layout(root, names.labels, splits, WHOLE, "", names.notes, tuple(folders))
    return _with_val(layout, val_fraction, seed)


def check_share(val_fraction: float) -> None:
    """Raise DataError for an invalid validation share."""
    if not 0 <= val_fraction < 1:
        raise DataError(f"{val_fraction} is not a valid validation share; use 0 or more, and less than 1.")


def enter(path: Path, labels: Sequence[str] = ()) -> Path:
    """Descend while a folder contains one folder that is neither a split nor a label. Raises DataError."""
    if not path.is_dir():
        raise DataError(f"{path} is no folder; pass one with a folder of images for each label.")
    while True:
        inside = subfolders(path)
        if len(inside) != 1 or split_role(inside[0]) or name_labels([inside[0].name], labels).label_of:
            return path
        if not subfolders(inside[0]) and not is_fer2013(inside[0]):
            return path  # the one label of a folder with images
        path = inside[0]


def find_fer2013(path: Path) -> Path | None:
    """Return Kaggle's CSV, or the folder in or below `path` that holds it; None for another layout."""
    place = enter(path) if path.is_dir() and not is_fer2013(path) else path
    return place if is_fer2013(place) else None


def split_role(folder: Path) -> str:
    """Return what a split folder is for: train, val, test, or "" where the folder is no split."""
    name = folder.name.lower()
    return next((role for role, names in SPLIT_FOLDERS.items() if name in names), "")


def _split_folders(root: Path, labels: Sequence[str]) -> Layout:
    entered = {folder.name: _without_echo(folder) for folder in subfolders(root) if split_role(folder)}
    by_split = {name: label_folders(folder) for name, folder in entered.items() if subfolders(folder)}
    # Competitions hand out test images without labels.
    notes = tuple(f"{name}: left out, it has no label folders" for name in entered if name not in by_split)
    if not by_split:
        raise DataError(
            f"{root} has no folders in {', '.join(entered)}; create one folder of images per label."
        )
    roles = {split_role(root / name): name for name in by_split}
    train = roles.get("train", "")
    known = by_split[train] if train else {name: root for folders in by_split.values() for name in folders}
    found = tuple(sorted({name for folders in by_split.values() for name in folders}))
    names = name_labels(found, labels or labels_of_folders(sorted(known)))
    for folders in () if labels else by_split.values():
        unknown = next((folder for name, folder in folders.items() if name not in names.label_of), None)
        if unknown:
            raise DataError(
                f"{unknown} is no label of {root / train} ({', '.join(names.labels)}); "
                "add it there, or rename or remove it."
            )
    splits = {name: list_files(folders, names) for name, folders in by_split.items()}
    return Layout(root, names.labels, splits, train, roles.get("val", ""), (*notes, *names.notes), found)


def _without_echo(folder: Path) -> Path:
    """Enter the folder of the same name that Kaggle's archives put inside (`seg_train/seg_train`)."""
    inner = folder / folder.name
    return inner if inner.is_dir() else folder


def _persons(root: Path, labels: Sequence[str], val_fraction: float) -> Layout:
    names, splits = list_leap_gestures(root, labels, val_fraction)
    persons = ", ".join(sorted(set(splits["val"].groups or ())))
    notes = (f"val: the persons {persons}", *names.notes)
    return Layout(
        root, names.labels, splits, "train", "val", notes, tuple(label_folders(subfolders(root)[0]))
    )


def _with_val(layout: Layout, val_fraction: float, seed: int) -> Layout:
    """Cut a validation split off the training one where there is none and a share is asked for."""
    if not val_fraction or not layout.train_split:
        return layout
    if layout.val_split:
        note = f"--val-fraction is not needed: {layout.root / layout.val_split} is there"
        return replace(layout, notes=(*layout.notes, note))
    whole = layout.splits[layout.train_split]
    train, val, note = split_off(whole.targets, val_fraction, seed, layout.root)
    others = {name: files for name, files in layout.splits.items() if name != layout.train_split}
    return replace(
        layout,
        splits={"train": whole.at(train), "val": whole.at(val), **others},
        train_split="train",
        val_split="val",
        notes=(*layout.notes, f"val: {note}"),
    )


def split_off(targets: Numbers, val_fraction: float, seed: int, where: Path) -> tuple[Numbers, Numbers, str]:
    """Split a share of each label off: the numbers to train on, those to validate on, and a note on it."""
    from sklearn.model_selection import train_test_split

    try:
        train, val = train_test_split(
            np.arange(len(targets)), test_size=val_fraction, stratify=targets, random_state=seed
        )
    except ValueError as error:
        raise DataError(
            f"{where}: a share of {val_fraction} of each label cannot be split off ({error})."
        ) from error
    note = f"{len(val)} of {len(targets)} images, {val_fraction:.0%} of each label, seed {seed}"
    return np.sort(train), np.sort(val), note

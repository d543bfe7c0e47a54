"""Label folders: one folder of images per label, with any subfolders."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from recognition.errors import DataError
from recognition.images.files import images_below, subfolders
from recognition.lab.data.image_files import ImageFiles
from recognition.lab.data.label_names import LabelNames


def label_folders(folder: Path) -> dict[str, Path]:
    """Return the label folders by name. Raises DataError where there is none."""
    folders = {entry.name: entry for entry in subfolders(folder)}
    if not folders:
        raise DataError(f"{folder} has no folders; pass a folder with one folder of images per label.")
    return folders


def list_files(folders: Mapping[str, Path], names: LabelNames) -> ImageFiles:
    """List the images of the folders that mean a label, and count those of the others."""
    files: list[Path] = []
    targets: list[int] = []
    empty: list[Path] = []
    others: list[str] = []
    left_out = 0
    for name, folder in folders.items():
        inside = images_below(folder)
        label = names.label_of.get(name)
        if label is None:
            others.append(name)
            left_out += len(inside)
            continue
        if not inside:
            empty.append(folder)
        files += inside
        targets += [names.labels.index(label)] * len(inside)
    return ImageFiles(tuple(files), np.array(targets, np.int64), None, tuple(empty), left_out, tuple(others))

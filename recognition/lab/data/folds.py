"""Folds for cross-validation: every image is held out once."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recognition.errors import DataError
from recognition.lab.data.labelled import LabelledImages

Numbers = npt.NDArray[np.int64]


def folds(data: LabelledImages, count: int, by_group: bool, seed: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield, for each of `count` folds, the indices of its training and of its evaluation images.

    Each fold has its share of every label, as well as that goes; with `by_group` no group is on both sides.
    Raises DataError where there are too few images of a label, or too few groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    _require_enough(data, count, by_group)
    splitter = (StratifiedGroupKFold if by_group else StratifiedKFold)(
        n_splits=count, shuffle=True, random_state=seed
    )
    yield from splitter.split(np.arange(len(data)), data.targets, data.groups if by_group else None)


def _require_enough(data: LabelledImages, count: int, by_group: bool) -> None:
    if count < 2:
        raise DataError(f"{count} is not a valid number of folds; use 2 or more.")
    if by_group and data.groups is None:
        raise DataError("The images name no groups; folds by group need them.")
    if by_group and data.groups is not None and len(np.unique(data.groups)) < count:
        raise DataError(f"There are fewer than {count} groups to put into {count} folds; use fewer folds.")
    for number, label in enumerate(data.labels):
        there = int((data.targets == number).sum())
        if 0 < there < count:
            raise DataError(f"{label} has {there} images for {count} folds; use fewer folds.")

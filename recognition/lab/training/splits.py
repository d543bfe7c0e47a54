"""A recipe's training and validation splits, read from a user's data."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from recognition.errors import DataError, RecipeError
from recognition.lab.data.data_set import DataSet, read_data_set
from recognition.lab.data.duplicates import equal_partners, find_duplicates, is_blank
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.recipe import DataPart
from recognition.models.cards import load_card
from recognition.networks.loading import PUBLISHED


@dataclass(frozen=True)
class TrainingData:
    """The images to learn from, those to choose on, and further held-out splits, with their names.

    `notes` name what was left out and why, one line each.
    """

    name: str
    train_name: str
    train: LabelledImages
    val_name: str
    val: LabelledImages
    others: dict[str, LabelledImages]
    notes: tuple[str, ...] = ()


def read_training_data(path: Path, part: DataPart, seed: int, weights: str = "") -> TrainingData:
    """Read the splits that `part` asks for and leave out of training what it says; raise DataError.

    Labels are numbered as those of the `weights` to go on from, where they are the same.
    """
    data_set = read_data_set(
        path,
        size_px=part.size_px,
        channels=part.channels,
        labels=part.labels,
        val_fraction=part.val_fraction,
        seed=seed,
    )
    splits = {name: in_order_of(weights, split) for name, split in data_set.splits.items()}
    data_set = replace(data_set, splits=splits)
    train_name, val_name = part.train_split or data_set.train_split, part.val_split or data_set.val_split
    train, val = _split(data_set, train_name, path), _split(data_set, val_name, path)
    train, left_out = _cleaned(train, val, val_name, part.leave_out)
    notes = (*data_set.notes, *(f"skipped {line}" for line in data_set.unreadable), *left_out)
    if 0 < part.limit < len(train):
        train = _limited(train, part.limit, seed)
        notes += (f"{len(train)} training images drawn, the same share of each label",)
    others = {name: split for name, split in data_set.splits.items() if name not in (train_name, val_name)}
    return TrainingData(data_set.name, train_name, train, val_name, val, others, notes)


def in_order_of(weights: str, data: LabelledImages) -> LabelledImages:
    """Number the labels as the weights to go on from do, where they are the same, to keep the last layer."""
    if weights in ("", PUBLISHED):
        return data
    card = load_card(Path(weights).with_suffix(".json"))
    return data.in_labels(card.labels)[0] if set(card.labels) == set(data.labels) else data


def _split(data_set: DataSet, name: str, path: Path) -> LabelledImages:
    if name not in data_set.splits:
        known = ", ".join(data_set.splits)
        missing = f"split {name!r}" if name else "split to train or to validate on"
        raise DataError(
            f"{path} has no {missing} (it has {known}); name them with --set data.train_split=NAME and "
            "--set data.val_split=NAME, or split training images off with --val-fraction."
        )
    return data_set.splits[name]


def _cleaned(
    train: LabelledImages, val: LabelledImages, val_name: str, leave_out: str
) -> tuple[LabelledImages, tuple[str, ...]]:
    """Leave out images of one single value, and copies of validation images where asked."""
    unwanted = is_blank(train.images)
    notes = [f"{int(unwanted.sum())} blank training images left out"] if unwanted.any() else []
    if leave_out != "none":
        # Only those who ask for nearly equal ones pay for hashing every image.
        partners = (
            equal_partners(train, val) if leave_out == "exact" else find_duplicates(train, val).partners
        )
        copies = partners >= 0
        if (copies & ~unwanted).any():
            kind = "equal to" if leave_out == "exact" else "equal or nearly equal to"
            notes.append(
                f"{int((copies & ~unwanted).sum())} training images left out, {kind} one of {val_name}"
            )
        unwanted |= copies
    return train.without(unwanted), tuple(notes)


def _limited(train: LabelledImages, limit: int, seed: int) -> LabelledImages:
    if limit < len(train.labels):
        raise RecipeError(
            f"data.limit is {limit}; it needs at least one image of each of {len(train.labels)} labels."
        )
    chosen, _ = train_test_split(
        np.arange(len(train)), train_size=limit, stratify=train.targets, random_state=seed
    )
    return train.at(np.sort(chosen))

"""FER+: the label that most of the ten raters gave, where most agree (Barsoum et al. 2016, section 3)."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.data.fer2013 import VOTE_COLUMNS, VOTES_FILE_NAME
from recognition.data.layout import find_fer2013
from recognition.data.split import Split
from recognition.errors import DataError
from recognition.evaluation.metrics import Targets
from recognition.labels import LABEL_SETS

LABELS = LABEL_SETS["ferplus8"]
NO_MAJORITY = -1
COUNT_COLUMNS = (*VOTE_COLUMNS, "unknown", "NF")
OUTLIER_VOTES = 1  # a label that one rater alone gave counts as a slip


def find_votes(data: Path) -> Path | None:
    """Give FER+'s file beside `fer2013.csv`; None where there is none, or `data` is another data set."""
    place = find_fer2013(data)
    if place is None:
        return None
    file = (place if place.is_dir() else place.parent) / VOTES_FILE_NAME
    return file if file.is_file() else None


def majority_labels(counts: npt.NDArray[np.int64]) -> Targets:
    """Number into `ferplus8` of each row's majority (n,), or NO_MAJORITY; `counts`: votes (n, 10).

    As the authors' program decides: single votes are dropped, then a label needs more than half of what is
    left, and must be an expression, not unknown or "no face".
    """
    votes = np.where(counts > OUTLIER_VOTES, counts, 0)
    winners = votes.argmax(axis=1)
    clear = (2 * votes.max(axis=1) > votes.sum(axis=1)) & (winners < len(LABELS))
    return np.where(clear, winners, NO_MAJORITY).astype(np.int64)


def in_majority_labels(split: Split, votes_file: Path) -> Split:
    """Relabel a whole split of FER2013, in the order of its rows; those without a majority are left out."""
    targets = majority_labels(_read_counts(votes_file, split.name))
    if len(targets) != len(split.data):
        raise DataError(
            f"{votes_file} has {len(targets)} rows of {split.name} for {len(split.data)} pictures; "
            "fetch both anew."
        )
    clear = targets != NO_MAJORITY
    data = replace(split.data.at(clear), targets=targets[clear], labels=LABELS)
    return replace(split, data=data, left_out=int((~clear).sum()))


def _read_counts(file: Path, usage: str) -> npt.NDArray[np.int64]:
    """One split's votes (n, 10)."""
    with file.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if not {"Usage", *COUNT_COLUMNS} <= set(reader.fieldnames or ()):
            raise DataError(f"{file} needs the columns Usage, {', '.join(COUNT_COLUMNS)} in its first line.")
        rows = [[row[name] for name in COUNT_COLUMNS] for row in reader if row["Usage"] == usage]
    try:
        return np.array(rows, np.int64).reshape(-1, len(COUNT_COLUMNS))
    except (TypeError, ValueError) as error:
        raise DataError(f"{file} has a vote that is no whole number; fetch it anew.") from error

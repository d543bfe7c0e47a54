"""FER2013 as Kaggle gives it: one CSV with the columns emotion, pixels, Usage; FER+'s votes beside it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.data.ferplus import COUNT_COLUMNS, VOTE_COLUMNS, majority_labels
from recognition.data.labelled import LabelledImages
from recognition.errors import DataError
from recognition.labels import LABEL_SETS
from recognition.types import UInt8Array

FILE_NAME = "fer2013.csv"
VOTES_FILE_NAME = "fer2013new.csv"
TRAIN, VAL = "Training", "PublicTest"
SIDE_PX = 48
LABELS = LABEL_SETS["fer7"]
COLUMNS = ("emotion", "pixels", "Usage")

_SPACE, _ZERO = np.uint8(ord(" ")), np.uint8(ord("0"))


@dataclass
class _Rows:
    """What one split's rows gave so far."""

    pixels: list[UInt8Array] = field(default_factory=list)
    emotions: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def is_fer2013(path: Path) -> bool:
    """Tell whether `path` is a CSV or a folder that holds `fer2013.csv`."""
    return path.suffix == ".csv" or (path / FILE_NAME).is_file()


def read_fer2013(path: Path, usages: Sequence[str] = ()) -> dict[str, LabelledImages]:
    """Read `fer2013.csv` (or the folder that holds it) into its splits: Training, PublicTest, PrivateTest.

    Only the splits in `usages`, or all. A picture's name is its row, counted from 0 over all splits.
    With FER+'s `fer2013new.csv` beside the file, its rows in the same order, the pictures have votes and
    the label of the majority.
    Raises DataError, naming the line, where a file is not in its published form.
    """
    file = path / FILE_NAME if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"{file} is missing; put Kaggle's fer2013.csv there.")
    splits: dict[str, _Rows] = {}
    order: list[str] = []
    for line, (emotion, pixels, usage) in _fields(file, COLUMNS):
        if not usages or usage in usages:
            rows = splits.setdefault(usage, _Rows())
            rows.emotions.append(_emotion(emotion, file, line))
            rows.pixels.append(_pixels(pixels, file, line))
            rows.numbers.append(len(order))
        order.append(usage)
    if not splits:
        raise DataError(
            f"{file} has no pictures{' of ' + ', '.join(usages) if usages else ''}; fetch it anew."
        )
    votes_file = file.with_name(VOTES_FILE_NAME)
    votes = _read_votes(votes_file, order) if votes_file.is_file() else None
    return {usage: _stack(rows, votes) for usage, rows in splits.items()}


def _fields(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give each row's line number and its values of `columns`."""
    with file.open(newline="", encoding="utf-8") as lines:
        reader = csv.reader(lines)
        try:
            header = [name.strip() for name in next(reader, [])]
            if not set(columns) <= set(header):
                raise DataError(f"{file} needs the columns {', '.join(columns)} in its first line.")
            places = [header.index(name) for name in columns]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    raise DataError(f"{file}, line {reader.line_num}: needs {len(header)} values.")
                yield reader.line_num, [row[place] for place in places]
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"{file}, line {reader.line_num}: is no CSV ({error}); fetch the file anew."
            ) from error


def _emotion(text: str, file: Path, line: int) -> int:
    if text.strip() not in {str(number) for number in range(len(LABELS))}:
        raise DataError(f"{file}, line {line}: needs a label from 0 to {len(LABELS) - 1}, not {text[:20]!r}.")
    return int(text)


def _pixels(text: str, file: Path, line: int) -> UInt8Array:
    """Read numbers from 0 to 255 between single spaces, many times quicker than one by one."""
    characters = np.frombuffer(text.strip().encode(), np.uint8)
    ends = np.append(np.flatnonzero(characters == _SPACE), len(characters))
    lengths = np.diff(ends, prepend=-1) - 1
    if len(ends) != SIDE_PX**2:
        raise DataError(f"{file}, line {line}: needs {SIDE_PX**2} pixels, has {len(ends)}.")
    digits = characters - _ZERO  # bytes: what is below "0" wraps around to over 9
    is_number = np.count_nonzero(digits > 9) == len(ends) - 1 and 1 <= lengths.min() <= lengths.max() <= 3
    values = digits[ends - 1].astype(np.int16)
    for place, power in ((2, 10), (3, 100)):
        values += np.where(lengths >= place, digits[ends - place], 0).astype(np.int16) * power
    if not is_number or values.max() > 255:
        raise DataError(f"{file}, line {line}: needs pixels from 0 to 255; fetch the file anew.")
    return np.asarray(values, np.uint8)


def _read_votes(file: Path, order: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give FER+'s counts (rows, 10); `order` is the split of every row of the pictures' file."""
    rows: list[list[int]] = []
    for line, (usage, *counts) in _fields(file, ("Usage", *COUNT_COLUMNS)):
        if len(rows) == len(order) or usage != order[len(rows)]:
            raise DataError(f"{file}, line {line}: is not in the order of {FILE_NAME}; fetch both anew.")
        if not all(count.isascii() and count.isdigit() for count in counts):
            raise DataError(f"{file}, line {line}: has a vote that is no whole number.")
        rows.append([int(count) for count in counts])
    if len(rows) != len(order):
        raise DataError(f"{file} has {len(rows)} rows for {len(order)} pictures; fetch both anew.")
    return np.array(rows, np.int64)


def _stack(rows: _Rows, counts: npt.NDArray[np.int64] | None) -> LabelledImages:
    images = np.stack(rows.pixels).reshape(-1, SIDE_PX, SIDE_PX)
    data = LabelledImages(
        images,
        np.array(rows.emotions, np.int64),
        LABELS,
        names=np.array([f"row {number}" for number in rows.numbers]),
    )
    if counts is None:
        return data
    counted = counts[rows.numbers]
    named = counted[:, : len(VOTE_COLUMNS)]
    shares = named / np.maximum(named.sum(axis=1, keepdims=True), 1)
    return replace(data, votes=shares.astype(np.float32), majority=majority_labels(counted))

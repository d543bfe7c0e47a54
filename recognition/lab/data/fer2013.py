"""FER2013 as Kaggle distributes it: one CSV with the columns emotion, pixels, Usage; and FER+'s votes."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.errors import DataError
from recognition.images.files import files_in
from recognition.lab.data.ferplus import COUNT_COLUMNS, VOTE_COLUMNS, majority_labels
from recognition.lab.data.labelled import LabelledImages
from recognition.models.tasks import LABEL_SETS
from recognition.types import UInt8Array

FILE_NAME = "fer2013.csv"
VOTES_FILE_NAME = "fer2013new.csv"
TRAIN, VAL, TEST = "Training", "PublicTest", "PrivateTest"
SIDE_PX = 48
LABELS = LABEL_SETS["fer7"]
COLUMNS = ("emotion", "pixels", "Usage")
DELIMITERS = (",", ";", "\t", "|")

_SPACE, _ZERO = np.uint8(ord(" ")), np.uint8(ord("0"))


@dataclass
class _Rows:
    """What one split's rows gave so far."""

    pixels: list[UInt8Array] = field(default_factory=list)
    emotions: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def is_fer2013(path: Path) -> bool:
    """Return whether `path` is a CSV or a folder that holds `fer2013.csv`, in whatever case."""
    return path.suffix.lower() == ".csv" or _file_named(path, FILE_NAME) is not None


def split_named(name: str) -> str:
    """Return Kaggle's spelling of a split's name in any case; other names as they are."""
    return next((usage for usage in (TRAIN, VAL, TEST) if usage.lower() == name.lower()), name)


def read_fer2013(path: Path, usages: Sequence[str] = ()) -> dict[str, LabelledImages]:
    """Read `fer2013.csv` (or the folder that holds it) into its splits: Training, PublicTest, PrivateTest.

    Only the splits in `usages`, or all. An image's name is its row, counted from 0 over all splits.
    With FER+'s `fer2013new.csv` beside the file, its rows in the same order, the images have votes and
    the label of the majority.
    Values between commas, semicolons, tabs or bars are read, in UTF-8 or UTF-16, with spaces around them or
    in quotes, and the columns in any order. Raises DataError, naming the line, where a file has another form.
    """
    file = _file_named(path, FILE_NAME) or path / FILE_NAME if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"{file} is missing; put Kaggle's fer2013.csv there.")
    splits: dict[str, _Rows] = {}
    order: list[str] = []
    for line, (emotion, pixels, named) in _fields(file, COLUMNS):
        usage = split_named(named)
        if not usages or usage in usages:
            rows = splits.setdefault(usage, _Rows())
            rows.emotions.append(_emotion(emotion, file, line))
            rows.pixels.append(_pixels(pixels, file, line))
            rows.numbers.append(len(order))
        order.append(usage)
    _require_splits(file, usages, order)
    votes_file = _file_named(file.parent, VOTES_FILE_NAME)
    votes = _read_votes(votes_file, order) if votes_file else None
    return {usage: _stack(rows, votes) for usage, rows in splits.items()}


def _file_named(folder: Path, name: str) -> Path | None:
    """Return the file of this name in a folder, in whatever case; None where there is none."""
    if (folder / name).is_file():
        return folder / name
    files = files_in(folder) if folder.is_dir() else ()
    return next((file for file in files if file.name.lower() == name), None)


def _require_splits(file: Path, usages: Sequence[str], order: Sequence[str]) -> None:
    """Raise DataError where the rows, whose splits are `order`, lack one of `usages`, or all."""
    if not order:
        raise DataError(f"{file} has no images; download it again.")
    known = Counter(order)
    for usage in usages:
        if usage not in known:
            there = ", ".join(f"{name} ({count} images)" for name, count in known.items())
            raise DataError(f"{file} has no split {usage}; choose one of {there} with --split.")


def _form(file: Path, columns: Sequence[str]) -> tuple[str, str]:
    """Return a CSV's encoding, and the delimiter with which its first line names all of `columns`."""
    with file.open("rb") as stream:
        start = stream.read(4096)
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    first, *_ = start.decode(encoding, "replace").splitlines() or [""]
    for delimiter in DELIMITERS:
        header = _header(next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), []))
        if {name.lower() for name in columns} <= set(header):
            return encoding, delimiter
    raise DataError(f"{file} needs the columns {', '.join(columns)} in its first line.")


def _header(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]


def _fields(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's line number and its values of `columns`, without spaces around them."""
    encoding, delimiter = _form(file, columns)
    with file.open(newline="", encoding=encoding) as lines:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            header = _header(next(reader, []))
            places = [header.index(name.lower()) for name in columns]
            for row in reader:
                if not any(map(str.strip, row)):
                    continue
                if len(row) < len(header) or any(row[len(header) :]):
                    raise DataError(f"{file}, line {reader.line_num}: needs {len(header)} values.")
                yield reader.line_num, [row[place].strip() for place in places]
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"{file}, line {reader.line_num}: is not valid CSV ({error}); download the file again."
            ) from error


def _emotion(text: str, file: Path, line: int) -> int:
    if text not in {str(number) for number in range(len(LABELS))}:
        raise DataError(f"{file}, line {line}: needs a label from 0 to {len(LABELS) - 1}, not {text[:20]!r}.")
    return int(text)


def _pixels(text: str, file: Path, line: int) -> UInt8Array:
    pixels = _bytes_in(text)
    if pixels is None:
        words = text.split()
        if len(words) != SIDE_PX**2:
            raise DataError(f"{file}, line {line}: needs {SIDE_PX**2} pixels, has {len(words)}.")
        pixels = _bytes_in(" ".join(words))
    if pixels is None:
        raise DataError(f"{file}, line {line}: needs pixels from 0 to 255; download the file again.")
    return pixels


def _bytes_in(text: str) -> UInt8Array | None:
    """Read SIDE_PX**2 numbers from 0 to 255 between single spaces, many times faster than one by one.

    None where `text` is anything else.
    """
    characters = np.frombuffer(text.encode(), np.uint8)
    ends = np.append(np.flatnonzero(characters == _SPACE), len(characters))
    lengths = np.diff(ends, prepend=-1) - 1
    if len(ends) != SIDE_PX**2:
        return None
    digits = characters - _ZERO  # bytes: what is below "0" wraps around to over 9
    is_number = np.count_nonzero(digits > 9) == len(ends) - 1 and 1 <= lengths.min() <= lengths.max() <= 3
    values = digits[ends - 1].astype(np.int16)
    for place, power in ((2, 10), (3, 100)):
        values += np.where(lengths >= place, digits[ends - place], 0).astype(np.int16) * power
    return np.asarray(values, np.uint8) if is_number and values.max() <= 255 else None


def _read_votes(file: Path, order: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return FER+'s counts (rows, 10); `order` is the split of every row of the images' file."""
    rows: list[list[int]] = []
    for line, (usage, *counts) in _fields(file, ("Usage", *COUNT_COLUMNS)):
        if len(rows) == len(order) or split_named(usage) != order[len(rows)]:
            raise DataError(f"{file}, line {line}: is not in the order of {FILE_NAME}; download both again.")
        if not all(count.isascii() and count.isdigit() for count in counts):
            raise DataError(f"{file}, line {line}: contains a vote that is not an integer.")
        rows.append([int(count) for count in counts])
    if len(rows) != len(order):
        raise DataError(f"{file} has {len(rows)} rows for {len(order)} images; download both again.")
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

"""A data set in memory: its splits as labeled images, whatever the file layout."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recognition.errors import DataError
from recognition.images.files import printable
from recognition.lab.data import fer2013
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.layout import WHOLE, Layout, check_share, find_fer2013, lay_out, split_off
from recognition.lab.data.squares import square_images


@dataclass(frozen=True)
class DataSet:
    """Splits by the layout's own names, all with the same labels.

    `train_split` and `val_split` say which learn and choose by default ("" where the layout has none).
    `notes`: one line each for what was left out or split off. `unreadable`: one line a skipped file.
    """

    name: str
    splits: dict[str, LabelledImages]
    train_split: str
    val_split: str
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def read_data_set(
    path: Path,
    *,
    size_px: int,
    channels: int,
    labels: Sequence[str] = (),
    splits: Sequence[str] = (),
    val_fraction: float = 0.0,
    seed: int = 0,
) -> DataSet:
    """Read a data set into squares of `size_px`, gray (channels 1) or RGB (3).

    Layouts: Kaggle's fer2013.csv; train, val, test folders of label folders; leapGestRecog; label folders
    alone, which `val_fraction` splits into train and val, label by label, and which else are one split "all".
    It also splits a train split or Kaggle's Training where nothing is there to validate on.
    `labels` keeps only these, in this order; `splits` reads only these. Unreadable files are listed, skipped.
    Raises DataError, naming the folder, for a label without an image or one that training does not know.
    """
    kaggle = find_fer2013(path)
    if kaggle:
        check_share(val_fraction)
        data_set = _read_kaggle(kaggle, size_px, channels, labels, splits)
        return _with_val(data_set, val_fraction, seed, kaggle) if val_fraction and not splits else data_set
    return _read_folders(lay_out(path, labels, val_fraction, seed), size_px, channels, splits)


def _read_kaggle(
    path: Path, size_px: int, channels: int, labels: Sequence[str], splits: Sequence[str]
) -> DataSet:
    unknown = [label for label in labels if label not in fer2013.LABELS]
    if unknown:
        raise DataError(f"{path} has no label {unknown[0]}; it has {', '.join(fer2013.LABELS)}.")
    read, notes = {}, []
    for name, data in fer2013.read_fer2013(path, splits).items():
        kept, left_out = data.in_labels(labels or data.labels)
        if left_out:
            notes.append(f"{name}: {left_out} images of other labels left out")
        read[name] = replace(kept, images=square_images(kept.images, size_px, channels))
    _require_splits(splits, read, path)
    return DataSet("FER2013", read, fer2013.TRAIN, fer2013.VAL, tuple(notes))


def _with_val(data_set: DataSet, val_fraction: float, seed: int, path: Path) -> DataSet:
    """Split a validation split off Training where the CSV has none."""
    whole = data_set.splits.get(data_set.train_split)
    if data_set.val_split in data_set.splits or whole is None:
        note = f"--val-fraction is not needed: the CSV has {', '.join(data_set.splits)}"
        return replace(data_set, notes=(*data_set.notes, note))
    train, val, note = split_off(whole.targets, val_fraction, seed, path)
    cut = {data_set.train_split: whole.at(train), data_set.val_split: whole.at(val)}
    notes = (*data_set.notes, f"{data_set.val_split}: {note}, as the CSV has none")
    return replace(data_set, splits={**data_set.splits, **cut}, notes=notes)


def _read_folders(layout: Layout, size_px: int, channels: int, splits: Sequence[str]) -> DataSet:
    _require_splits(splits, layout.splits, layout.root)
    read: dict[str, LabelledImages] = {}
    notes, unreadable = list(layout.notes), list[str]()
    for name in splits or layout.splits:
        files = layout.splits[name]
        read[name], troubles = files.read(layout.root, layout.labels, size_px, channels)
        files.require_every_folder(read[name])
        counts = Counter(read[name].targets.tolist())
        missing = [label for number, label in enumerate(layout.labels) if not counts[number]]
        if missing and name in (layout.train_split, WHOLE):
            raise DataError(f"{layout.root}, split {name}: no images of {', '.join(missing)}; {layout.found}")
        if missing:
            notes.append(f"{name}: no images of {', '.join(missing)}")
        if files.left_out_note:
            notes.append(f"{name}: {files.left_out_note}")
        if troubles:
            notes.append(f"{name}: {len(troubles)} files could not be read and were skipped")
        unreadable += troubles
    return DataSet(
        printable(layout.root.resolve().name),
        read,
        layout.train_split,
        layout.val_split,
        tuple(notes),
        tuple(unreadable),
    )


def _require_splits(wanted: Sequence[str], there: Collection[str], path: Path) -> None:
    for name in wanted:
        if name not in there:
            raise DataError(f"{path} has no split {name}; choose among {', '.join(sorted(there))}.")

"""One split to evaluate on, in a model's labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recognition.errors import DataError
from recognition.lab.data import fer2013
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.layout import WHOLE, find_fer2013, lay_out
from recognition.lab.data.squares import square_images


@dataclass(frozen=True)
class Split:
    """The images that were asked for, their split's name, and how many were left out or unreadable.

    `notes`: one line each for what was read under another name, or left out.
    """

    name: str
    data: LabelledImages
    left_out: int
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_split(
    path: Path, split: str | None, labels: Sequence[str], size_px: int, channels: int = 1
) -> Split:
    """Read one split for `labels`, of any layout that `read_data_set` knows.

    The default split is the layout's own for choosing (val, PublicTest), or all images of label folders
    alone. Images of other labels are left out and counted; a label may have no image. Raises DataError
    where nothing fits.
    """
    file = find_fer2013(path)
    if file:
        name = fer2013.split_named(split or fer2013.VAL)
        data, left_out = fer2013.read_fer2013(file, (name,))[name].in_labels(labels)
        data = replace(data, images=square_images(data.images, size_px, channels))
        return Split(name, data, left_out)
    layout = lay_out(path, labels)
    name = WHOLE if WHOLE in layout.splits else split or layout.val_split or "val"
    if name not in layout.splits:
        known = ", ".join(layout.splits)
        raise DataError(f"{layout.root} has no folder {name}; choose one of {known} with --split.")
    files = layout.splits[name]
    data, unreadable = files.read(layout.root, layout.labels, size_px, channels)
    if not len(data):
        raise DataError(f"{layout.root}, split {name}: no images of {', '.join(labels)}; {layout.found}")
    notes = tuple(filter(None, (*layout.notes, files.left_out_note)))
    return Split(name, data, files.left_out, unreadable, notes)

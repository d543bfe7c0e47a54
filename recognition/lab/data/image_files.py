"""Files with label numbers: labeled images that are not read yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.errors import DataError
from recognition.images.files import printable
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.squares import read_images


@dataclass(frozen=True)
class ImageFiles:
    """Files of one split with their numbers into its labels (n,), and who each shows where the layout says.

    `empty` are label folders without an image; `left_out` counts images of labels not asked for, and
    `others` are the names of their folders.
    """

    files: tuple[Path, ...]
    targets: npt.NDArray[np.int64]
    groups: tuple[str, ...] | None = None
    empty: tuple[Path, ...] = ()
    left_out: int = 0
    others: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.files)

    def at(self, numbers: npt.NDArray[np.int64]) -> "ImageFiles":
        """Keep the files of these numbers."""
        groups = None if self.groups is None else tuple(self.groups[n] for n in numbers)
        return replace(
            self, files=tuple(self.files[n] for n in numbers), targets=self.targets[numbers], groups=groups
        )

    @property
    def left_out_note(self) -> str:
        """How many images of which folders were left out; "" where none was."""
        folders = ", ".join(self.others)
        return f"{self.left_out} images of other labels left out ({folders})" if self.left_out else ""

    def read(
        self, root: Path, labels: Sequence[str], size_px: int, channels: int
    ) -> tuple[LabelledImages, tuple[str, ...]]:
        """Read the images, named by their place below `root`; also one line for each unreadable file."""
        images, readable, unreadable = read_images(self.files, size_px, channels)
        names = np.array([printable(file.relative_to(root)) for file in self.files], np.str_)
        groups = None if self.groups is None else np.array(self.groups, np.str_)[readable]
        data = LabelledImages(images, self.targets[readable], tuple(labels), names[readable], groups)
        return data, unreadable

    def require_every_folder(self, read: LabelledImages) -> None:
        """Raise DataError, naming the folder, where a label folder gave no image."""
        if self.empty:
            raise DataError(f"{self.empty[0]} contains no image; add images or remove the folder.")
        for target in sorted(set(self.targets.tolist()) - set(read.targets.tolist())):
            folder = self.files[int(np.argmax(self.targets == target))].parent
            raise DataError(f"{folder} contains no image that can be read; add images or remove the folder.")

"""Labeled images in memory: what every reader returns and every training run uses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recognition.errors import DataError
from recognition.lab.data.ferplus import LABELS, NO_MAJORITY
from recognition.types import FloatArray, UInt8Array


@dataclass(frozen=True)
class LabelledImages:
    """Images with their label numbers.

    `images`: (n, height, width) gray or (n, height, width, 3) RGB, uint8.
    `targets`: (n,) numbers into `labels`.
    `names`: (n,) what a report calls each image (a file below the data's folder, or a row of the CSV).
    `groups`: (n,) who or what recording each shows, where the data says.
    `votes`: (n, 8) shares of the raters by `ferplus8`; a row adds up to 1, or 0 where all rejected it.
    `majority`: (n,) number into `ferplus8` of the label that most raters gave, NO_MAJORITY where none is.
    """

    images: UInt8Array
    targets: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    names: npt.NDArray[np.str_] | None = None
    groups: npt.NDArray[np.str_] | None = None
    votes: FloatArray | None = None
    majority: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def channels(self) -> int:
        """1 for gray, 3 for RGB."""
        return 1 if self.images.ndim == 3 else int(self.images.shape[3])

    def at(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "LabelledImages":
        """Keep the images marked or numbered in `chosen`, in its order."""
        return replace(
            self,
            images=self.images[chosen],
            targets=self.targets[chosen],
            names=None if self.names is None else self.names[chosen],
            groups=None if self.groups is None else self.groups[chosen],
            votes=None if self.votes is None else self.votes[chosen],
            majority=None if self.majority is None else self.majority[chosen],
        )

    def without(self, unwanted: npt.NDArray[np.bool_]) -> "LabelledImages":
        """Leave out the images marked in `unwanted` (n,)."""
        return self.at(~unwanted)

    def in_labels(self, labels: Sequence[str]) -> tuple["LabelledImages", int]:
        """Keep the images of `labels`, renumbered in their order; also return how many were left out."""
        number = np.array([labels.index(label) if label in labels else -1 for label in self.labels])
        targets = number[self.targets]
        kept = self.at(targets >= 0)
        return replace(kept, targets=targets[targets >= 0], labels=tuple(labels)), int((targets < 0).sum())

    def by_majority(self) -> "LabelledImages":
        """Label the images by FER+'s majority, and leave out those that have none.

        Raises DataError where the data has no votes.
        """
        if self.majority is None:
            raise DataError("FER+'s labels need fer2013new.csv in the folder of fer2013.csv.")
        clear = self.majority != NO_MAJORITY
        return replace(self.at(clear), targets=self.majority[clear], labels=LABELS)

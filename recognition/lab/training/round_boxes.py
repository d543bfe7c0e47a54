"""Boxes that keep the size of the face when an image is rotated.

ultralytics encloses the corners of the rotated box, which at 15 degrees is a quarter larger each way. A face
is closer to the ellipse in its box, so the rotated ellipse is enclosed here.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from ultralytics.data.augment import Compose, RandomPerspective
from ultralytics.data.dataset import YOLODataset


class RoundBoxes(RandomPerspective):
    """ultralytics' random turn, size and place of an image, for round things."""

    def apply_bboxes(self, bboxes: NDArray[Any], M: NDArray[Any]) -> NDArray[Any]:  # noqa: N803
        """Return boxes (n, 4), xyxy in pixels, of the ellipses in `bboxes` after the affine `M` (3, 3)."""
        if self.perspective:
            return np.asarray(super().apply_bboxes(bboxes, M))
        linear = M[:2, :2]
        middles = (bboxes[:, :2] + bboxes[:, 2:]) / 2 @ linear.T + M[:2, 2]
        halves = np.sqrt(((bboxes[:, 2:] - bboxes[:, :2]) / 2) ** 2 @ (linear**2).T)
        return np.concatenate((middles - halves, middles + halves), axis=1, dtype=bboxes.dtype)


class RoundDataset(YOLODataset):
    """ultralytics' data set, whose images are turned with `RoundBoxes`."""

    def build_transforms(self, hyp: Any) -> Compose:
        """Return the changes made to an image."""
        transforms = super().build_transforms(hyp)
        for step in transforms.transforms[0].transforms:
            if isinstance(step, RandomPerspective):
                step.__class__ = RoundBoxes
        return transforms

"""Overlap of boxes."""

from typing import Any

import numpy as np
import numpy.typing as npt

BoxArray = npt.NDArray[np.floating[Any]]


def iou_matrix(left_xyxy: BoxArray, right_xyxy: BoxArray) -> BoxArray:
    """Return the overlap (left, right) of boxes (left, 4) and (right, 4): shared area over joint area."""
    top_left = np.maximum(left_xyxy[:, None, :2], right_xyxy[None, :, :2])
    bottom_right = np.minimum(left_xyxy[:, None, 2:], right_xyxy[None, :, 2:])
    shared = np.prod(np.maximum(bottom_right - top_left, 0), axis=2)
    joint = _areas(left_xyxy)[:, None] + _areas(right_xyxy)[None, :] - shared
    overlaps: BoxArray = np.divide(shared, joint, out=np.zeros_like(shared), where=joint > 0)
    return overlaps


def _areas(boxes_xyxy: BoxArray) -> BoxArray:
    return (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])

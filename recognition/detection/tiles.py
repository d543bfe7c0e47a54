"""Cuts a large image into overlapping squares, and merges their detections into one set of boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil

import numpy as np
import numpy.typing as npt

from recognition.detection.letterbox import GREY
from recognition.detection.overlap import iou_matrix
from recognition.detection.yolo_output import Candidates, nms_with_box_voting
from recognition.types import Box, DetectedBox, FloatArray, UInt8Array

BoolArray = npt.NDArray[np.bool_]

SIDE_PX = 832  # of a tile; with OVERLAP_PX, 12 megapixels need the fewest pixels of all sides tried
OVERLAP_PX = 96  # a face of this size is complete in one tile; larger ones are seen in the whole image
MAX_IOU = 0.5
# A box that a tile's inner edge cuts counts only where nothing better covers so much of it.
CUT_COVERED, INSIDE_COVERED = 0.4, 0.8
EDGE_PX = 3
# A face that has so many pixels in the whole image's pass is found there, or is none: smooth surfaces look
# like one when a tile shows nothing else.
CONFIRMED_PX, CONFIRMED_IOU = 64, 0.3


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of an image: its upper left corner in pixels, and how much of it the image fills."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, image_bgr: UInt8Array) -> UInt8Array:
        """Return the pixels (SIDE_PX, SIDE_PX, 3), gray where the image ends."""
        part = image_bgr[self.top : self.top + self.height, self.left : self.left + self.width]
        if part.shape[:2] == (SIDE_PX, SIDE_PX):
            return np.ascontiguousarray(part)
        # Squares alone: each shape is compiled apart.
        square = np.full((SIDE_PX, SIDE_PX, 3), GREY, np.uint8)
        square[: self.height, : self.width] = part
        return square


def tiles_of(width: int, height: int) -> list[Tile]:
    """Return the tiles that cover an image, row by row; neighbors share at least OVERLAP_PX."""
    columns, rows = _starts(width), _starts(height)
    return [
        Tile(left, top, min(SIDE_PX, width), min(SIDE_PX, height)) for top, left in product(rows, columns)
    ]


def _starts(length: int) -> list[int]:
    count = max(1, ceil((length - OVERLAP_PX) / (SIDE_PX - OVERLAP_PX)))
    if count == 1:
        return [0]
    return [round(number * (length - SIDE_PX) / (count - 1)) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Found:
    """Boxes in pixels of the image with scores; `cut`: an inner edge of their tile runs along them."""

    boxes_xyxy: FloatArray  # (n, 4)
    scores: FloatArray  # (n,)
    cut: BoolArray  # (n,)

    @classmethod
    def in_tile(cls, found: Sequence[DetectedBox], tile: Tile, width: int, height: int) -> "Found":
        """Carry a tile's boxes, in fractions of its square, to the width x height image."""
        boxes = np.array([_corners(detected.box) for detected in found], np.float32).reshape(-1, 4) * SIDE_PX
        inner = np.array(
            [
                tile.left > 0,
                tile.top > 0,
                tile.left + tile.width < width,
                tile.top + tile.height < height,
            ]
        )
        at_edge = np.concatenate([boxes[:, :2] <= EDGE_PX, boxes[:, 2:] >= SIDE_PX - EDGE_PX], axis=1)
        placed = boxes + np.array([tile.left, tile.top, tile.left, tile.top], np.float32)
        return cls(placed, _scores(found), (at_edge & inner).any(axis=1))

    @classmethod
    def in_whole(cls, found: Sequence[DetectedBox], width: int, height: int) -> "Found":
        """Take the boxes that were found in the whole width x height image."""
        sides = np.array([width, height, width, height], np.float32)
        boxes = np.array([_corners(detected.box) for detected in found], np.float32).reshape(-1, 4) * sides
        return cls(boxes.astype(np.float32), _scores(found), np.zeros(len(boxes), bool))


def merged(whole: Found, in_tiles: Sequence[Found], width: int, height: int) -> tuple[DetectedBox, ...]:
    """Return one box a face by falling score, in fractions of the width x height image.

    Boxes of one face in several tiles, or in the whole image too, are joined as those of one pass are. A
    part of a face at a tile's inner edge, or within a larger face's box, is left out.
    """
    boxes = np.concatenate([whole.boxes_xyxy, *(found.boxes_xyxy for found in in_tiles)])
    scores = np.concatenate([whole.scores, *(found.scores for found in in_tiles)])
    cut = np.concatenate([whole.cut, *(found.cut for found in in_tiles)])
    kept = ~_covered(boxes, cut) & _confirmed(boxes, whole.boxes_xyxy, SIDE_PX / max(width, height))
    order = np.argsort(-scores[kept], kind="stable")
    joined = nms_with_box_voting(Candidates(boxes[kept][order], scores[kept][order]), MAX_IOU)
    return tuple(
        DetectedBox(Box.from_xyxy_px(x1, y1, x2, y2, width, height), score)
        for (x1, y1, x2, y2), score in zip(joined.boxes_xyxy.tolist(), joined.scores.tolist(), strict=True)
    )


def _confirmed(boxes: FloatArray, in_whole: FloatArray, whole_scale: float) -> BoolArray:
    """Which boxes are small, or were seen in the whole image too."""
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    seen: BoolArray = iou_matrix(boxes, in_whole).max(axis=1, initial=0) > CONFIRMED_IOU
    small: BoolArray = longer * whole_scale < CONFIRMED_PX
    return np.logical_or(seen, small)


def _covered(boxes: FloatArray, cut: BoolArray) -> BoolArray:
    """Which boxes are parts of others: much of them lies in a box that is uncut, and larger."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    iou = iou_matrix(boxes, boxes)
    # Shared area over one's own: iou = s / (a + b - s), so s = iou (a + b) / (1 + iou).
    shared = iou * (areas[:, None] + areas[None, :]) / (1 + iou)
    own_share = shared / np.maximum(areas, 1e-6)[:, None]
    larger = areas[None, :] > areas[:, None] * 1.25
    beside_uncut = own_share * (~cut[None, :] & (larger | cut[:, None]))
    np.fill_diagonal(beside_uncut, 0)
    covered: BoolArray = beside_uncut.max(axis=1, initial=0) > np.where(cut, CUT_COVERED, INSIDE_COVERED)
    return covered


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.w, box.y + box.h


def _scores(found: Sequence[DetectedBox]) -> FloatArray:
    return np.array([detected.score for detected in found], np.float32)

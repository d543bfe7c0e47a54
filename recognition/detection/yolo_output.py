"""From YOLOv8's raw maps to boxes: distances from distributions, then suppression of doubles."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from recognition.types import FloatArray

IntArray = npt.NDArray[np.intp]

STRIDES = (8, 16, 32)
BINS = 16  # each of a box's four distances is a distribution over 0..15 strides
MAX_CANDIDATES = 1000  # before suppression, the best by score
MAX_FACES = 300


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes in pixels of the network's input with their scores, by falling score."""

    boxes_xyxy: FloatArray  # (n, 4)
    scores: FloatArray  # (n,)


def decode(
    box_maps: FloatArray, score_maps: FloatArray, input_hw: tuple[int, int], min_score: float
) -> Candidates:
    """Return one picture's boxes that score `min_score` or more, by falling score.

    `box_maps` (64, cells): logits of the four distances (left, top, right, bottom), 16 bins each;
    `score_maps` (cells,): logits; cells run over the grids of stride 8, 16, 32, row by row.
    """
    with np.errstate(divide="ignore"):  # 0 keeps everything, 1 nothing
        threshold = np.log(min_score) - np.log1p(-min_score)
    cells = np.flatnonzero(score_maps >= threshold)
    cells = cells[np.argsort(-score_maps[cells], kind="stable")][:MAX_CANDIDATES]
    distances = _expected(box_maps[:, cells].reshape(4, BINS, len(cells)))  # (4, n), in strides
    centres, strides = _grid(*input_hw)
    across, down = centres[cells, 0], centres[cells, 1]
    corners = np.stack(
        [across - distances[0], down - distances[1], across + distances[2], down + distances[3]], axis=1
    )
    boxes_xyxy = corners * strides[cells, None]
    scores = 1 / (1 + np.exp(-score_maps[cells]))
    return Candidates(boxes_xyxy.astype(np.float32), scores.astype(np.float32))


def suppress(candidates: Candidates, max_iou: float) -> Candidates:
    """Keep a box unless a better kept one overlaps it by more than `max_iou`; at most 300 stay."""
    boxes = candidates.boxes_xyxy
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    waiting = np.arange(len(boxes))
    kept: list[int] = []
    while len(waiting) and len(kept) < MAX_FACES:
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        top_left = np.maximum(boxes[best, :2], boxes[waiting, :2])
        bottom_right = np.minimum(boxes[best, 2:], boxes[waiting, 2:])
        shared = np.prod(np.maximum(bottom_right - top_left, 0), axis=1)
        union = areas[best] + areas[waiting] - shared
        waiting = waiting[shared <= max_iou * union]
    return Candidates(boxes[kept], candidates.scores[kept])


def _expected(logits: FloatArray) -> FloatArray:
    """The mean of each distribution: (4, bins, n) -> (4, n)."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    bins = np.arange(BINS, dtype=np.float32)
    return np.einsum("sbn,b->sn", weights, bins) / weights.sum(axis=1)  # type: ignore[no-any-return]


@lru_cache(maxsize=32)
def _grid(height: int, width: int) -> tuple[FloatArray, IntArray]:
    """Each cell's centre (cells, 2) in strides, and its stride (cells,)."""
    centres, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        centres.append(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32) + 0.5)
        strides.append(np.full(rows.size, stride))
    return np.concatenate(centres), np.concatenate(strides)

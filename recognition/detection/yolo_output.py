"""Decodes YOLOv8's raw maps to boxes: distances from distributions, then one box per face."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from recognition.detection.overlap import iou_matrix
from recognition.types import FloatArray

IntArray = npt.NDArray[np.intp]

STRIDES = (8, 16, 32)
BINS = 16  # each of a box's four distances is a distribution over 0..15 strides
MAX_CANDIDATES = 1000  # before suppression, the best by score
MAX_FACES = 300
DOUBT_IOU = 0.3
VOTER_SCORE = 0.1  # one for all callers: where a box lies must not depend on the least score they ask for


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes in pixels of the network's input with their scores, by falling score."""

    boxes_xyxy: FloatArray  # (n, 4)
    scores: FloatArray  # (n,)


def decode(
    box_maps: FloatArray, score_maps: FloatArray, input_hw: tuple[int, int], min_score: float
) -> Candidates:
    """Return one image's boxes that score `min_score` or more, by falling score.

    `box_maps` (64, cells): logits of the four distances (left, top, right, bottom), 16 bins each;
    `score_maps` (cells,): logits; cells run over the grids of stride 8, 16 and, where the network has that
    level, 32, row by row.
    """
    with np.errstate(divide="ignore"):  # 0 keeps everything, 1 nothing
        threshold = np.log(min_score) - np.log1p(-min_score)
    cells = np.flatnonzero(score_maps >= threshold)
    cells = cells[np.argsort(-score_maps[cells], kind="stable")][:MAX_CANDIDATES]
    distances = _expected(box_maps[:, cells].reshape(4, BINS, len(cells)))  # (4, n), in strides
    centres, strides = _grid(*input_hw, len(score_maps))
    across, down = centres[cells, 0], centres[cells, 1]
    corners = np.stack(
        [across - distances[0], down - distances[1], across + distances[2], down + distances[3]], axis=1
    )
    boxes_xyxy = corners * strides[cells, None]
    scores = 1 / (1 + np.exp(-score_maps[cells]))
    return Candidates(boxes_xyxy.astype(np.float32), scores.astype(np.float32))


def nms_with_box_voting(candidates: Candidates, max_iou: float) -> Candidates:
    """Join a box with the worse ones that it overlaps by more than `max_iou`; at most 300 stay.

    What stays are the scores of plain suppression, but each box is the mean of those that it stands for and
    that score `VOTER_SCORE`, weighted by their scores (box voting, Gidaris and Komodakis 2015, section 5).
    """
    boxes, scores = candidates.boxes_xyxy, candidates.scores
    waiting = np.arange(len(boxes))
    kept: list[int] = []
    means = []
    while len(waiting) and len(kept) < MAX_FACES:
        best, others = int(waiting[0]), waiting[1:]
        same = iou_matrix(boxes[[best]], boxes[others])[0] > max_iou
        voters = [best, *others[same & (scores[others] >= VOTER_SCORE)]]
        kept.append(best)
        means.append(np.average(boxes[voters], axis=0, weights=scores[voters]))
        waiting = others[~same]
    return Candidates(np.array(means, np.float32).reshape(-1, 4), scores[kept])


def doubt_overlapping(candidates: Candidates) -> Candidates:
    """Lower the scores of boxes that overlap better ones, such as that of half of a face; order them again.

    By 1 - IoU for each (linear soft suppression, Bodla et al. 2017, equation 4, with its threshold of .3).
    """
    iou = np.tril(iou_matrix(candidates.boxes_xyxy, candidates.boxes_xyxy), k=-1)
    scores = candidates.scores * np.where(iou > DOUBT_IOU, 1 - iou, 1).prod(axis=1)
    order = np.argsort(-scores, kind="stable")
    return Candidates(candidates.boxes_xyxy[order], scores[order].astype(np.float32))


def _expected(logits: FloatArray) -> FloatArray:
    """The mean of each distribution: (4, bins, n) -> (4, n)."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    bins = np.arange(BINS, dtype=np.float32)
    return np.einsum("sbn,b->sn", weights, bins) / weights.sum(axis=1)  # type: ignore[no-any-return]


@lru_cache(maxsize=32)
def _grid(height: int, width: int, count: int) -> tuple[FloatArray, IntArray]:
    """Each cell's center (cells, 2) in strides, and its stride (cells,), of the levels with `count` cells."""
    centres: list[FloatArray] = []
    strides: list[IntArray] = []
    for stride in STRIDES:
        if sum(len(level) for level in strides) == count:
            break
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        centres.append(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32) + 0.5)
        strides.append(np.full(rows.size, stride))
    return np.concatenate(centres), np.concatenate(strides)

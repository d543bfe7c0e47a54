"""The YOLOv8 face detector, independent of the backend that runs its network."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recognition.detection.letterbox import Letterbox
from recognition.detection.yolo_output import (
    VOTER_SCORE,
    Candidates,
    decode,
    doubt_overlapping,
    nms_with_box_voting,
)
from recognition.types import Box, DetectedBox, FloatArray, UInt8Array

MIN_SCORE = 0.1  # low enough for every user of boxes, high enough that suppression stays cheap
MAX_IOU = 0.5


class YoloNetwork(Protocol):
    """Runs YOLOv8's graph up to its raw maps."""

    def __call__(self, inputs_bgr: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """Return box logits (n, 64, cells), score logits (n, 1, cells) of inputs (n, height, width, 3)."""
        ...


class YoloDetector:
    """A `Detector`: letterbox, network, decoding, one box a face."""

    def __init__(self, network: YoloNetwork, min_score: float = MIN_SCORE, max_iou: float = MAX_IOU) -> None:
        """Keep boxes that score `min_score` (within 0..1) and overlap a better one by at most `max_iou`."""
        if not 0 <= min_score <= 1:
            raise ValueError(f"min_score {min_score} is not between 0 and 1")
        self._network = network
        self._min_score = min_score
        self._max_iou = max_iou

    def detect(self, images_bgr: Sequence[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        """Return each image's faces by falling score; see `Detector`."""
        places = [Letterbox.fit(image.shape[1], image.shape[0], image_size) for image in images_bgr]
        found: list[tuple[DetectedBox, ...]] = [()] * len(places)
        for input_hw, members in _by_shape(places).items():
            batch = np.stack([places[index].fill(images_bgr[index]) for index in members])
            box_maps, score_maps = self._network(batch)
            for index, boxes, scores in zip(members, box_maps, score_maps, strict=True):
                candidates = decode(boxes, scores[0], input_hw, min(self._min_score, VOTER_SCORE))
                faces = doubt_overlapping(nms_with_box_voting(candidates, self._max_iou))
                found[index] = _in_image(faces, places[index], self._min_score)
        return found


def _by_shape(places: Sequence[Letterbox]) -> dict[tuple[int, int], list[int]]:
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        members[place.input_height, place.input_width].append(index)
    return members


def _in_image(candidates: Candidates, place: Letterbox, min_score: float) -> tuple[DetectedBox, ...]:
    corners = place.to_image(candidates.boxes_xyxy).tolist()
    boxes = (Box.from_xyxy_px(x1, y1, x2, y2, place.width, place.height) for x1, y1, x2, y2 in corners)
    scored = zip(boxes, candidates.scores.tolist(), strict=True)
    # A box wholly in the padding has nothing left after clipping.
    return tuple(
        DetectedBox(box, score) for box, score in scored if score >= min_score and box.w > 0 and box.h > 0
    )

"""Where a detector fails: the same faces under several corruptions, and boxes where no face is labeled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from recognition.detection import Detector
from recognition.images.decoding import read_image_bgr
from recognition.lab.data.faces import FaceImage
from recognition.lab.evaluation.detection import (
    OVER_48,
    UNMATCHED,
    DoubleArray,
    ImageBoxes,
    average_precision,
    match,
    recall_at_score,
)
from recognition.lab.evaluation.detection_changes import CHANGES, Change, unchanged
from recognition.lab.evaluation.detection_report import beside_faces, faces_in_pixels, of_subsets
from recognition.types import UInt8Array

MASKED = frozenset({"mask_crowd", "masked_closeup"})
MASKED_KIND = "masked, as stored"
SHOWN = 8  # of each kind, on the sheet
TILE_PX = 160
CONTEXT = 2.0  # a tile's side in sides of its box
TRUE_BGR, FALSE_BGR = (80, 200, 80), (60, 60, 230)


@dataclass(frozen=True, slots=True)
class Kind:
    """How faces of 48 px and more fare under one change: AP at IoU .5, and recall at the live threshold."""

    name: str
    faces: int
    ap50_over_48: float | None
    recall_live: float | None


@dataclass(frozen=True, slots=True)
class FalseBoxes:
    """Boxes at the live threshold that overlap no labeled face by a half, or that double another box."""

    pictures: int
    boxes: int
    per_picture: float


@dataclass(frozen=True, slots=True)
class Probed:
    """One kind's figures, and tiles (TILE_PX, TILE_PX, 3) of its largest faces that were not found."""

    kind: Kind
    missed: tuple[UInt8Array, ...]


def probe(
    detector: Detector,
    images: Sequence[FaceImage],
    image_size: int,
    live: float,
    progress: Callable[[str], None],
) -> list[Probed]:
    """Measure every kind of trouble; `live`: the score from which a face is shown."""
    probed = []
    for name, change in CHANGES.items():
        progress(name)
        probed.append(_probe(detector, images, image_size, live, name, change))
    masked = [image for image, chosen in zip(images, of_subsets(images, MASKED), strict=True) if chosen]
    if masked:
        progress(MASKED_KIND)
        probed.append(_probe(detector, masked, image_size, live, MASKED_KIND, unchanged))
    return probed


def false_boxes(
    detector: Detector, images: Sequence[FaceImage], image_size: int, live: float, shown: int = SHOWN
) -> tuple[FalseBoxes, tuple[UInt8Array, ...]]:
    """Count the boxes that match no labeled face; also tiles of the `shown` most confident.

    Labels may lack faces, so a tile may show one.
    """
    unmatched = []
    for face_image in images:
        image = read_image_bgr(face_image.file)
        found = _found(detector, image, faces_in_pixels(face_image, image), image_size)
        faces = match([found]).face_of_found
        unmatched += [
            (score, _tile(image, box, FALSE_BGR))
            for score, box, face in zip(found.scores, found.found_xyxy, faces, strict=True)
            if score >= live and face == UNMATCHED
        ]
    unmatched.sort(key=lambda entry: -entry[0])
    tiles = tuple(tile for _, tile in unmatched[:shown])
    return FalseBoxes(len(images), len(unmatched), len(unmatched) / len(images)), tiles


def sheet(rows: Sequence[tuple[str, Sequence[UInt8Array]]]) -> UInt8Array:
    """Lay tiles of several kinds below one another, SHOWN a line, each kind under its name."""
    lines = []
    for name, tiles in rows:
        head = np.full((26, SHOWN * TILE_PX, 3), 255, np.uint8)
        cv2.putText(head, name, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
        lines.append(head)
        for start in range(0, max(1, len(tiles)), SHOWN):
            line = np.full((TILE_PX, SHOWN * TILE_PX, 3), 235, np.uint8)
            for column, tile in enumerate(tiles[start : start + SHOWN]):
                line[:, column * TILE_PX : (column + 1) * TILE_PX] = tile
            lines.append(line)
    return np.vstack(lines)


def _probe(
    detector: Detector,
    images: Sequence[FaceImage],
    image_size: int,
    live: float,
    name: str,
    change: Change,
) -> Probed:
    boxes, missed = [], []
    for face_image in images:
        stored = read_image_bgr(face_image.file)
        image, faces = change(stored, faces_in_pixels(face_image, stored))
        here = _found(detector, image, faces, image_size)
        boxes.append(here)
        missed += [(size, _tile(image, face, TRUE_BGR)) for size, face in _missed(here, live)]
    matches = match(boxes)
    missed.sort(key=lambda entry: -entry[0])
    kind = Kind(
        name,
        int(OVER_48.holds(matches.face_sizes).sum()),
        average_precision(matches, OVER_48),
        recall_at_score(matches, OVER_48, live),
    )
    return Probed(kind, tuple(tile for _, tile in missed[:SHOWN]))


def _found(detector: Detector, image_bgr: UInt8Array, faces_xyxy: DoubleArray, image_size: int) -> ImageBoxes:
    (found,) = detector.detect([image_bgr], image_size)
    return beside_faces(found, faces_xyxy, image_bgr)


def _missed(image: ImageBoxes, live: float) -> list[tuple[float, DoubleArray]]:
    """The faces of 48 px and more, with their sizes, that no box at the live threshold covers."""
    matches = match([image])
    seen = set(matches.face_of_found[(matches.scores >= live) & (matches.face_of_found != UNMATCHED)])
    return [
        (float(size), image.faces_xyxy[number])
        for number, size in enumerate(matches.face_sizes)
        if number not in seen and size >= OVER_48.low
    ]


def _tile(image_bgr: UInt8Array, box_xyxy: DoubleArray, colour_bgr: tuple[int, int, int]) -> UInt8Array:
    """The box with what is around it, drawn in."""
    x1, y1, x2, y2 = box_xyxy
    side = max(x2 - x1, y2 - y1, 8.0) * CONTEXT
    corner = np.array([(x1 + x2 - side) / 2, (y1 + y2 - side) / 2])
    scale = TILE_PX / side
    move = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    tile = cv2.warpAffine(image_bgr, move, (TILE_PX, TILE_PX), borderValue=(235, 235, 235)).astype(np.uint8)
    (left, top), (right, bottom) = (
        (np.array([x1, y1]) - corner) * scale,
        (np.array([x2, y2]) - corner) * scale,
    )
    cv2.rectangle(tile, (int(left), int(top)), (int(right), int(bottom)), colour_bgr, 2)
    return tile

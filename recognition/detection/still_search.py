"""Finds the faces in a still image: one pass or tiles, and further attempts if little was found."""

from collections.abc import Generator
from dataclasses import dataclass

import cv2
import numpy as np

from recognition.detection.base import Detector
from recognition.detection.tiles import SIDE_PX, Found, Tile, merged, tiles_of
from recognition.types import Box, DetectedBox, UInt8Array

# Of an image's own size: at this one, faces of 64 px keep the 49 px below which many are missed.
AUTO_SCALE = 0.76
# What a second try finds counts only with such a score: each try is one more chance to be wrong.
SECOND_TRY_SCORE = 0.5
# Turned copies are tried where no face is so clear, and must be clearer by the lead.
CLEAR_SCORE, TURNED_LEAD = 0.5, 0.15
# Faces that fill the image, or have few pixels: the longer side within a canvas of the usual input's size.
PADDED_FACE_PX = 140

Boxes = tuple[DetectedBox, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """The faces of an image that was turned left by so many quarters first, in fractions of the turned one.

    `detail`: the pass that found them, one of `DETAILS`; `notes`: `padded`, or `turned_` and by how many
    degrees to the right the image was turned.
    """

    boxes: Boxes
    detail: str
    quarters: int = 0
    notes: tuple[str, ...] = ()


def search_faces(
    detector: Detector, image_bgr: UInt8Array, detail: str, image_size: int, min_score: float
) -> Generator[None, None, Search]:
    """Find faces, yielding after each run of the detector, so that others may use it between.

    `detail`: `fast` is one pass at `image_size`; `auto` the smallest size or tiling that finds small faces;
    `full` tiles of all pixels.
    """
    if detail == "fast":
        found = _best(_at_size(detector, image_bgr, image_size), min_score)
        yield
        return Search(found, "fast")
    boxes, used = yield from _closely(detector, image_bgr, detail, image_size, min_score)
    search = Search(boxes, used)
    if not boxes:
        search = yield from _padded(detector, image_bgr, search, image_size)
    if max((found.score for found in search.boxes), default=0.0) < CLEAR_SCORE:
        search = yield from _turned(detector, image_bgr, search, detail, image_size, min_score)
    return search


def turned_back(box: Box, quarters: int) -> Box:
    """Carry a box of an image that was turned left by so many quarters to the image before."""
    for _ in range(quarters % 4):
        box = Box(1 - (box.y + box.h), box.x, box.h, box.w)
    return box


def _closely(
    detector: Detector, image_bgr: UInt8Array, detail: str, image_size: int, min_score: float
) -> Generator[None, None, tuple[Boxes, str]]:
    scaled = image_bgr if detail == "full" else _scaled(image_bgr, AUTO_SCALE)
    height, width = scaled.shape[:2]
    if max(width, height) <= image_size:
        boxes = _at_size(detector, image_bgr, image_size)
        yield
        return _best(boxes, min_score), "full" if detail == "full" else "fast"
    tiles = tiles_of(width, height)
    if len(tiles) == 1:
        whole = Found.in_tile(detector.detect([tiles[0].cut(scaled)], SIDE_PX)[0], tiles[0], width, height)
        yield
        return _best(merged(whole, [], width, height), min_score), detail
    whole = Found.in_whole(_whole_in_tile(detector, scaled), width, height)
    yield
    in_tiles = []
    for tile in tiles:
        (found,) = detector.detect([tile.cut(scaled)], SIDE_PX)
        in_tiles.append(Found.in_tile(_best(found, min_score), tile, width, height))
        yield
    return _best(merged(whole, in_tiles, width, height), min_score), detail


def _padded(
    detector: Detector, image_bgr: UInt8Array, before: Search, image_size: int
) -> Generator[None, None, Search]:
    """Try again at a smaller scale: a face that fills the image, or a tiny image of one, is seen so."""
    small = _scaled(image_bgr, PADDED_FACE_PX / max(image_bgr.shape[:2]))
    height, width = small.shape[:2]
    left, top = (image_size - width) // 2, (image_size - height) // 2
    canvas = np.full((image_size, image_size, 3), np.uint8(image_bgr.mean()), np.uint8)
    canvas[top : top + height, left : left + width] = small
    (found,) = detector.detect([canvas], image_size)
    yield
    boxes = []
    for detected in _best(found, SECOND_TRY_SCORE):
        box = detected.box
        x1, y1 = box.x * image_size - left, box.y * image_size - top
        x2, y2 = x1 + box.w * image_size, y1 + box.h * image_size
        boxes.append(DetectedBox(Box.from_xyxy_px(x1, y1, x2, y2, width, height), detected.score))
    kept = tuple(detected for detected in boxes if detected.box.area > 0)
    return Search(kept, before.detail, notes=("padded",)) if kept else before


def _turned(
    detector: Detector,
    image_bgr: UInt8Array,
    before: Search,
    detail: str,
    image_size: int,
    min_score: float,
) -> Generator[None, None, Search]:
    """Search turned copies, and search closely the best of them where it is clearly better."""
    small = _scaled(image_bgr, min(1.0, SIDE_PX / max(image_bgr.shape[:2])))
    scores = []
    for quarters in (1, 2, 3):
        turned = np.ascontiguousarray(np.rot90(small, quarters))
        large = max(small.shape[:2]) * AUTO_SCALE > image_size
        found = _whole_in_tile(detector, turned) if large else _at_size(detector, turned, image_size)
        scores.append(max((detected.score for detected in found), default=0.0))
        yield
    quarters = int(np.argmax(scores)) + 1
    upright = max((detected.score for detected in before.boxes), default=0.0)
    if scores[quarters - 1] < max(SECOND_TRY_SCORE, upright + TURNED_LEAD):
        return before
    turned = np.ascontiguousarray(np.rot90(image_bgr, quarters))
    boxes, used = yield from _closely(detector, turned, detail, image_size, min_score)
    return Search(boxes, used, quarters, (f"turned_{360 - 90 * quarters}",)) if boxes else before


def _at_size(detector: Detector, image_bgr: UInt8Array, image_size: int) -> Boxes:
    return detector.detect([image_bgr], image_size)[0]


def _whole_in_tile(detector: Detector, image_bgr: UInt8Array) -> Boxes:
    """The faces of an image that is shrunk into one tile, in fractions of the image."""
    small = _scaled(image_bgr, SIDE_PX / max(image_bgr.shape[:2]))
    height, width = small.shape[:2]
    (found,) = detector.detect([Tile(0, 0, width, height).cut(small)], SIDE_PX)
    return tuple(
        DetectedBox(Box.from_xyxy_px(*_in_pixels(detected.box), width, height), detected.score)
        for detected in found
    )


def _in_pixels(box: Box) -> tuple[float, float, float, float]:
    return box.x * SIDE_PX, box.y * SIDE_PX, (box.x + box.w) * SIDE_PX, (box.y + box.h) * SIDE_PX


def _scaled(image_bgr: UInt8Array, scale: float) -> UInt8Array:
    height, width = image_bgr.shape[:2]
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    # Bilinear samples 2 x 2 pixels: beyond a half it would skip some.
    method = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR if scale <= 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image_bgr, size, interpolation=method), np.uint8)


def _best(found: Boxes, min_score: float) -> Boxes:
    return tuple(detected for detected in found if detected.score >= min_score)

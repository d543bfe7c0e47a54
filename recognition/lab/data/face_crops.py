"""Crops the faces of a data set's images as serving does: the detector's box, grown by a margin."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recognition.atomic_files import complete_files
from recognition.detection import Detector
from recognition.images.decoding import crop_square
from recognition.types import Box, FloatArray, UInt8Array

# The side at which an image of one face is searched: faces that fill an image are found small as well.
SEARCH_PX = 160
LEAST_SIDE = 0.3  # of the image; a smaller face is not the subject of the image
BATCH = 32


def find_faces(images: UInt8Array, detector: Detector) -> FloatArray:
    """Return the box of each RGB image's face (n, 4): x, y, width and height in 0..1.

    An image without a face gets the median box of the others, or the whole image where none has a face.
    """
    boxes = np.full((len(images), 4), np.nan, np.float32)
    for start in range(0, len(images), BATCH):
        batch = [np.ascontiguousarray(image[..., ::-1]) for image in images[start : start + BATCH]]
        for number, found in enumerate(detector.detect(batch, SEARCH_PX), start):
            faces = [face for face in found if max(face.box.w, face.box.h) >= LEAST_SIDE]
            if faces:
                box = max(faces, key=lambda face: face.score).box
                boxes[number] = (box.x, box.y, box.w, box.h)
    missing = np.isnan(boxes[:, 0])
    boxes[missing] = (0, 0, 1, 1) if missing.all() else np.median(boxes[~missing], axis=0)
    return boxes


def find_faces_once(images: UInt8Array, detector: Detector, version: str, folder: Path) -> FloatArray:
    """Return the boxes of `find_faces`, cached in `folder` by the images and the detector's `version`."""
    digest = hashlib.sha256(version.encode())
    digest.update(np.ascontiguousarray(images).data)
    file = folder / f"{digest.hexdigest()[:24]}.npy"
    if file.is_file():
        return np.asarray(np.load(file), np.float32)
    boxes = find_faces(images, detector)
    with complete_files(folder) as unfinished:
        np.save(unfinished / file.name, boxes)
    return boxes


def centered_boxes(count: int, margin: float) -> FloatArray:
    """Return the boxes (n, 4) of images that are squares around a face, larger than its box by `margin`."""
    side = 1 / (1 + margin)
    return np.tile(np.array([(1 - side) / 2, (1 - side) / 2, side, side], np.float32), (count, 1))


def cut_out(
    images: Sequence[UInt8Array] | UInt8Array,
    boxes: FloatArray,
    margin: float,
    side_px: int,
    channels: int = 3,
) -> UInt8Array:
    """Cut each RGB image's square around its box, grown by `margin`: (n, side, side[, 3])."""
    squares = [
        crop_square(np.ascontiguousarray(image[..., ::-1]), Box(*map(float, box)), margin, side_px, channels)
        for image, box in zip(images, boxes, strict=True)
    ]
    return np.stack(squares)

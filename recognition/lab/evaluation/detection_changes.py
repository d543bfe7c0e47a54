"""Corruptions that make faces hard to detect, applied to images with known boxes."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from recognition.lab.evaluation.detection import DoubleArray
from recognition.types import UInt8Array

# An image (h, w, 3) and its faces' boxes (f, 4), xyxy in pixels -> the same of the changed image.
Change = Callable[[UInt8Array, DoubleArray], tuple[UInt8Array, DoubleArray]]

GREY = 114  # what a letterbox is filled with
COVER_BGR = (70, 60, 60)
REACH = 0.75  # of a box's sides, from its middle: half would end at the box
DARK_SHARE = 0.2
SENSOR_NOISE = 4.0  # deviation in gray levels, as small sensors show in the dark
BLUR_SIGMA_PX = 3.0


def tilted(image_bgr: UInt8Array, boxes_xyxy: DoubleArray, degrees: float) -> tuple[UInt8Array, DoubleArray]:
    """Turn the image clockwise on a canvas that holds all of it.

    A box keeps its size about its turned center: heads are round enough, and a box about a turned box is not
    what anyone would draw.
    """
    height, width = image_bgr.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = int(height * sin + width * cos), int(height * cos + width * sin)
    turn[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    size, border = (new_width, new_height), (GREY, GREY, GREY)
    changed = cv2.warpAffine(image_bgr, turn, size, borderValue=border).astype(np.uint8)
    centres = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    half = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) / 2
    moved = centres @ turn[:, :2].T + turn[:, 2]
    return changed, np.concatenate([moved - half, moved + half], axis=1)


def covered(image_bgr: UInt8Array, boxes_xyxy: DoubleArray, side: str) -> tuple[UInt8Array, DoubleArray]:
    """Hide the `left` or `lower` half of every face behind one color that reaches out of its box.

    Ending at the box it would reveal where the box ends.
    """
    changed = image_bgr.copy()
    middle, sides = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2, boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    hidden = np.concatenate([middle - REACH * sides, middle + REACH * sides], axis=1)
    if side == "lower":
        hidden[:, 1] = middle[:, 1]
    else:
        hidden[:, 2] = middle[:, 0]
    for left, top, right, bottom in hidden.round().astype(int).clip(min=0):
        changed[top:bottom, left:right] = COVER_BGR
    return changed, boxes_xyxy


def darkened(image_bgr: UInt8Array, boxes_xyxy: DoubleArray) -> tuple[UInt8Array, DoubleArray]:
    """Leave a fifth of the light, with a small sensor's noise, the same in every image of one size."""
    noise = np.random.default_rng(0).normal(0, SENSOR_NOISE, image_bgr.shape)
    return np.clip(image_bgr * DARK_SHARE + noise, 0, 255).astype(np.uint8), boxes_xyxy


def blurred(image_bgr: UInt8Array, boxes_xyxy: DoubleArray) -> tuple[UInt8Array, DoubleArray]:
    """Put the image out of focus."""
    return cv2.GaussianBlur(image_bgr, (0, 0), BLUR_SIGMA_PX).astype(np.uint8), boxes_xyxy


def unchanged(image_bgr: UInt8Array, boxes_xyxy: DoubleArray) -> tuple[UInt8Array, DoubleArray]:
    """Leave the image as it is."""
    return image_bgr, boxes_xyxy


CHANGES: dict[str, Change] = {
    "as stored": unchanged,
    "tilted 30 degrees right": partial(tilted, degrees=30.0),
    "tilted 30 degrees left": partial(tilted, degrees=-30.0),
    "left half covered": partial(covered, side="left"),
    "lower half covered": partial(covered, side="lower"),
    "dark": darkened,
    "out of focus": blurred,
}

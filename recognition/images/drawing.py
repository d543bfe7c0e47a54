"""Draws labeled boxes on an image."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from recognition.types import Box, UInt8Array

_INK_BGR = (80, 200, 80)
_UNCERTAIN_INK_BGR = (170, 170, 170)
_TEXT_BGR = (0, 0, 0)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# At this shorter side, lines are 2 pixels wide; they grow with the image.
_USUAL_SIDE_PX = 480


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a box, or in the upper left corner where there is no box; gray where it is uncertain."""

    text: str
    box: Box | None
    uncertain: bool


def draw_marks(image_bgr: UInt8Array, marks: Sequence[Mark]) -> UInt8Array:
    """Return a copy of an image (h, w, 3) BGR with the marks, in lines and text scaled to its size."""
    drawn = image_bgr.copy()
    scale = max(min(drawn.shape[:2]) / _USUAL_SIDE_PX, 0.5)
    for mark in marks:
        _draw(drawn, mark, scale)
    return drawn


def _draw(image_bgr: UInt8Array, mark: Mark, scale: float) -> None:
    height, width = image_bgr.shape[:2]
    ink = _UNCERTAIN_INK_BGR if mark.uncertain else _INK_BGR
    line = max(round(2 * scale), 1)
    left, top = 0, 0
    if mark.box is not None:
        left, top = round(mark.box.x * width), round(mark.box.y * height)
        right, bottom = round((mark.box.x + mark.box.w) * width), round((mark.box.y + mark.box.h) * height)
        cv2.rectangle(image_bgr, (left, top), (right, bottom), ink, line)
    (text_width, text_height), below = cv2.getTextSize(mark.text, _FONT, 0.5 * scale, max(line // 2, 1))
    # Above the box, or inside where there is no room; always within the image.
    label_top = max(top - text_height - below - line, 0)
    label_left = max(min(left, width - text_width), 0)
    label_bottom = label_top + text_height + below + line
    cv2.rectangle(image_bgr, (label_left, label_top), (label_left + text_width, label_bottom), ink, -1)
    baseline = (label_left, label_bottom - below)
    cv2.putText(image_bgr, mark.text, baseline, _FONT, 0.5 * scale, _TEXT_BGR, max(line // 2, 1), cv2.LINE_AA)


def to_rgb(image_bgr: UInt8Array) -> UInt8Array:
    """Return (h, w, 3) BGR as RGB."""
    return np.ascontiguousarray(image_bgr[:, :, ::-1])

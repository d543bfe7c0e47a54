"""Fits an image of any size into a detector's input, and maps boxes back to the image."""

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from recognition.types import FloatArray, UInt8Array

STRIDE = 32  # YOLOv8's coarsest grid: both sides of an input are multiples of it
GREY = 114  # what ultralytics pads with in training
SHORT_SIDES = (9 / 16, 3 / 4, 1.0)  # few shapes, since each one is compiled apart


@dataclass(frozen=True, slots=True)
class Letterbox:
    """An image of `width` x `height` scaled to `inner_width` x `inner_height`, at (left, top) of an input.

    All are pixels. Gray fills the rest of `input_width` x `input_height`.
    """

    width: int
    height: int
    inner_width: int
    inner_height: int
    left: int
    top: int
    input_width: int
    input_height: int

    @classmethod
    def fit(cls, width: int, height: int, image_size: int) -> "Letterbox":
        """Scale the longer side to `image_size`; the input's other side is the smallest of three that fits.

        An image is never enlarged: that adds nothing to see, and the network knows sharp faces best.

        Raises ValueError when `image_size` is not a positive multiple of 32 or the image has no pixels.
        """
        if image_size < STRIDE or image_size % STRIDE:
            raise ValueError(f"image size {image_size} is not a positive multiple of {STRIDE}")
        if width < 1 or height < 1:
            raise ValueError(f"an image of {width} x {height} has no pixels")
        fitting = image_size / max(width, height)
        scale = min(1.0, fitting)
        inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
        short = _short_side(round(min(width, height) * fitting), image_size)
        input_width, input_height = (image_size, short) if width >= height else (short, image_size)
        left, top = (input_width - inner_width) // 2, (input_height - inner_height) // 2
        return cls(width, height, inner_width, inner_height, left, top, input_width, input_height)

    def fill(self, image_bgr: UInt8Array) -> UInt8Array:
        """Return the input's pixels, (input_height, input_width, 3), for an image (height, width, 3)."""
        if image_bgr.shape != (self.height, self.width, 3):
            raise ValueError(f"image of shape {image_bgr.shape}, expected {(self.height, self.width, 3)}")
        canvas = np.full((self.input_height, self.input_width, 3), GREY, np.uint8)
        rows = slice(self.top, self.top + self.inner_height)
        columns = slice(self.left, self.left + self.inner_width)
        canvas[rows, columns] = self._scaled(image_bgr)
        return canvas

    def to_image(self, boxes_xyxy: FloatArray) -> FloatArray:
        """Carry boxes (n, 4) from pixels of the input to pixels of the image, unclipped."""
        offset = np.array([self.left, self.top, self.left, self.top], np.float32)
        across, down = self.inner_width / self.width, self.inner_height / self.height
        return ((boxes_xyxy - offset) / np.array([across, down, across, down], np.float32)).astype(np.float32)

    def _scaled(self, image_bgr: UInt8Array) -> UInt8Array:
        if (self.width, self.height) == (self.inner_width, self.inner_height):
            return image_bgr
        # Bilinear samples 2 x 2 pixels: beyond a half it would skip some, and thin faces flicker.
        shrinks_a_lot = max(self.width, self.height) > 2 * max(self.inner_width, self.inner_height)
        method = cv2.INTER_AREA if shrinks_a_lot else cv2.INTER_LINEAR
        scaled = cv2.resize(image_bgr, (self.inner_width, self.inner_height), interpolation=method)
        return scaled.astype(np.uint8, copy=False)


def _short_side(inner: int, image_size: int) -> int:
    sides = (STRIDE * ceil(image_size * share / STRIDE) for share in SHORT_SIDES)
    return next(side for side in sides if side >= inner)

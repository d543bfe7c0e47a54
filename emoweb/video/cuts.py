"""Where one shot of a video ends and another starts: two frames whose layout and colors both differ.

Layout is the correlation of two small grayscale copies, at the best of several shifts, so a pan, a zoom or a
moving face is not a cut, and neither is a fade, which only changes brightness. Colors are compared by their
histograms. A dissolve is not recognized: each of its frames resembles the one before.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

import cv2
import numpy as np

from recognition import FloatArray, UInt8Array

SIZE: Final = (48, 27)
# Both must be below: measured on crops of photographs (96 % of cuts, of moving images under 1 %).
SAME_LAYOUT: Final = 0.7
SAME_COLORS: Final = 0.72
# How far the layout may move between two frames, as a part of the side.
MOST_SHIFT: Final = 0.2
COLOR_STEPS: Final = 6
# Gray levels: darker frames have their colors in common whatever they show.
DARK_MEAN: Final = 40.0
# Gray levels: below this deviation a frame shows nothing (black, white, covered) and is passed over.
LEAST_DEVIATION: Final = 6.0
# A frame with so many more white pixels may be a flash, which is over at once.
FLASH_SHARE: Final = 0.1
FLASH_WHITE: Final = 245
FLASH_S: Final = 0.35
# No shot is shorter: what flickers is one shot.
LEAST_SHOT_S: Final = 0.3


class CutDetector:
    """Compares each frame of a video with the one before. `state()` is plain data to continue from."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        """Start before the first frame, or where `state` was taken."""
        state = state or {}
        self._before = _unpacked(state["before"]) if state.get("before") else None
        self._cut_at_s: float = state.get("cut_at_s", 0.0)
        self._flash_at_s: float | None = state.get("flash_at_s")
        self._at_s: float = state.get("at_s", 0.0)

    def starts_shot(self, image_bgr: UInt8Array, at_s: float) -> bool:
        """Whether this frame is the first of another shot; times rise."""
        now = np.asarray(cv2.resize(image_bgr, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
        # Of frames that are further apart hardly one is a flash.
        dense, self._at_s = at_s - self._at_s < FLASH_S, at_s
        if _grey(now).std() < LEAST_DEVIATION:
            return False
        before = self._before
        if before is None or _same_layout(before, now):
            self._before, self._flash_at_s = now, None
            return False
        if _common_colors(before, now) >= SAME_COLORS:
            self._before = before if _grey(now).mean() < DARK_MEAN else now
            return False
        if at_s - self._cut_at_s < LEAST_SHOT_S or (dense and self._may_be_flash(before, now, at_s)):
            # The frame before stays the one to compare with.
            return False
        self._before, self._flash_at_s, self._cut_at_s = now, None, at_s
        return True

    def state(self) -> dict[str, Any]:
        """Return what must be known to continue."""
        before = None if self._before is None else b64encode(self._before.tobytes()).decode("ascii")
        return {
            "before": before,
            "cut_at_s": self._cut_at_s,
            "flash_at_s": self._flash_at_s,
            "at_s": self._at_s,
        }

    def _may_be_flash(self, before: UInt8Array, now: UInt8Array, at_s: float) -> bool:
        if _white(now) < _white(before) + FLASH_SHARE:
            return False
        if self._flash_at_s is None:
            self._flash_at_s = at_s
        return at_s - self._flash_at_s < FLASH_S


def _same_layout(before: UInt8Array, now: UInt8Array) -> bool:
    grey_before, grey_now = _grey(before), _grey(now)
    pairs = (
        (grey_before, grey_now),
        (grey_before, _middle(grey_now)),
        (grey_now, _middle(grey_before)),
    )
    return any(_correlation(image, part) >= SAME_LAYOUT for image, part in pairs)


def _correlation(image: FloatArray, part: FloatArray) -> float:
    """Return the correlation of a part with an image where it fits best; -1 for a part without features."""
    if part.std() < LEAST_DEVIATION / 2:
        return -1.0
    return float(cv2.matchTemplate(image, part, cv2.TM_CCOEFF_NORMED).max())


def _middle(grey: FloatArray) -> FloatArray:
    height, width = grey.shape
    y, x = round(height * MOST_SHIFT), round(width * MOST_SHIFT)
    return grey[y : height - y, x : width - x]


def _common_colors(before: UInt8Array, now: UInt8Array) -> float:
    """Return the part of the pixels that have a color in common, 0 to 1."""
    return float(np.minimum(_histogram(before), _histogram(now)).sum())


def _histogram(image: UInt8Array) -> FloatArray:
    counts = cv2.calcHist([image], [0, 1, 2], None, [COLOR_STEPS] * 3, [0, 256] * 3)
    return np.asarray(counts / (image.shape[0] * image.shape[1]), np.float32)


def _white(image: UInt8Array) -> float:
    return float((_grey(image) >= FLASH_WHITE).mean())


def _grey(image: UInt8Array) -> FloatArray:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)


def _unpacked(text: str) -> UInt8Array:
    return np.frombuffer(b64decode(text), np.uint8).reshape(SIZE[1], SIZE[0], 3)

"""Fake cameras for Chromium: a picture with two faces, moving a little, as concatenated JPEGs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360  # even sides: Chromium refuses others
# Both faces as near as a webcam has them, as fractions: left, top, right, bottom.
NEAR = (0.336, 0.125, 0.883, 0.672)
WHOLE = (0.0, 0.0, 1.0, 1.0)
FRAMES = 40
LIVELY_FRAMES = 600


def write_camera(
    picture: Path, target: Path, lively: bool = False, part: tuple[float, float, float, float] = NEAR
) -> Path:
    """Write `target`, an .mjpeg in which a part of `picture` sways by a few pixels; returns `target`.

    A lively one also comes nearer and goes dim for a long round, so that expressions change.
    """
    image_bgr = cv2.imread(str(picture))
    assert image_bgr is not None
    left, top, right, bottom = (np.array(part) * np.tile(image_bgr.shape[1::-1], 2)).astype(int)
    small = cv2.resize(image_bgr[top:bottom, left:right], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    frames = LIVELY_FRAMES if lively else FRAMES
    with target.open("wb") as file:
        for index in range(frames):
            turn = 2 * np.pi * index / frames
            frame = _lively(small, turn) if lively else _swayed(small, turn)
            done, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])
            assert done
            file.write(jpeg.tobytes())
    return target


def _swayed(image_bgr: NDArray[np.uint8], turn: float) -> NDArray[np.uint8]:
    shift = np.array([[1, 0, 6 * np.sin(turn)], [0, 1, 3 * np.cos(turn)]], np.float32)
    return cv2.warpAffine(image_bgr, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def _lively(image_bgr: NDArray[np.uint8], turn: float) -> NDArray[np.uint8]:
    centre = (WIDTH * 0.5, HEIGHT * 0.5)
    turned = cv2.getRotationMatrix2D(centre, 2.5 * np.sin(3 * turn), 1.04 + 0.03 * np.sin(2 * turn))
    moved = cv2.warpAffine(image_bgr, turned, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return cv2.convertScaleAbs(moved, alpha=0.95 + 0.1 * np.sin(5 * turn))

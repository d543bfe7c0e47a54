"""Frames of high dynamic range (PQ, HLG) as images of standard range: a fixed curve that ignores the scene.

Light is converted to BT.709, with diffuse white (203 cd/m2, ITU-R BT.2408) at 1. Up to the knee it is
unchanged; the rest, up to 1000 cd/m2, is rolled off below white. An 8-bit image without this is gray and
flat, and its faces do not look like those that a model was trained on.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from recognition import FloatArray, UInt8Array

# The transfer characteristics of ITU-T H.273.
PQ: Final = 16
HLG: Final = 18
WHITE_NITS: Final = 203.0
PEAK_NITS: Final = 1000.0
KNEE: Final = 0.6
# About 40 ms a frame on one core, beside 2 ms of a 1080p frame of standard range: more pixels cost more.
MOST_SIDE: Final = 1280
_BT709_FROM_BT2020_BGR: Final = np.array(
    [[1.1187, -0.1006, -0.0182], [-0.0083, 1.1329, -0.1246], [-0.0728, -0.5876, 1.6605]], np.float32
)
# The curve has few bends: that many entries are exact to a fraction of an 8-bit level.
_ENTRIES: Final = 4096


def is_hdr(frame: Any) -> bool:
    """Whether a decoded frame contains PQ or HLG values."""
    return frame.color_trc in {PQ, HLG}


def standard_range(frame: Any, size: tuple[int, int]) -> UInt8Array:
    """Return a frame of high dynamic range as a BGR image of 8 bits; sides over MOST_SIDE are reduced."""
    scale = min(1.0, MOST_SIDE / max(size))
    width, height = (max(round(side * scale), 1) for side in size)
    coded = frame.to_ndarray(format="rgb48le", width=width, height=height)[..., ::-1]
    linear = _light(frame.color_trc)[coded >> 4]
    bt709 = cv2.transform(linear, _BT709_FROM_BT2020_BGR)
    # The square root spends the entries where the eye, and the curve, need them.
    place = np.sqrt(np.clip(bt709, 0.0, PEAK_NITS / WHITE_NITS) * (WHITE_NITS / PEAK_NITS))
    return np.asarray(_display()[(place * (_ENTRIES - 1)).astype(np.uint16)], np.uint8)


@cache
def _light(transfer: int) -> FloatArray:
    """Return the light of each 12-bit value, 1 at diffuse white."""
    value = np.arange(_ENTRIES) / (_ENTRIES - 1)
    nits = _pq_nits(value) if transfer == PQ else _hlg_nits(value)
    return np.asarray(nits / WHITE_NITS, np.float32)


def _pq_nits(value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The inverse of SMPTE ST 2084."""
    root = value ** (1 / 78.84375)
    ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.asarray(10_000 * ratio ** (1 / 0.1593017578125))


def _hlg_nits(value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The inverse of ITU-R BT.2100's HLG on a display of 1000 cd/m2; its gamma is taken for each channel."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    return np.asarray(PEAK_NITS * scene**1.2)


@cache
def _display() -> UInt8Array:
    """Return the 8-bit sRGB value of each entry: light, rolled off above the knee, and encoded."""
    light = (np.arange(_ENTRIES) / (_ENTRIES - 1)) ** 2 * (PEAK_NITS / WHITE_NITS)
    span = 1 - KNEE
    over = np.maximum(light - KNEE, 0) / span
    peak = (PEAK_NITS / WHITE_NITS - KNEE) / span
    # Reinhard's curve, extended so that the peak comes to 1 and the slope at the knee is 1.
    rolled = KNEE + span * over * (1 + over / peak**2) / (1 + over)
    shown = np.where(light <= KNEE, light, rolled)
    encoded = np.where(
        shown <= 0.0031308, 12.92 * shown, 1.055 * np.maximum(shown, 1e-9) ** (1 / 2.4) - 0.055
    )
    return np.asarray(np.round(255 * np.clip(encoded, 0, 1)), np.uint8)

"""The library's values: boxes, faces, and the result of one frame. All are frozen."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

# The order of an image array's channels.
Color = Literal["bgr", "rgb"]

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions (0..1) of its image, from the upper left corner."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def from_xyxy_px(cls, x1: float, y1: float, x2: float, y2: float, width: int, height: int) -> "Box":
        """Make a box of corners in pixels of a width x height image, clipped to it."""
        left, right = (min(max(x / width, 0.0), 1.0) for x in (x1, x2))
        top, bottom = (min(max(y / height, 0.0), 1.0) for y in (y1, y2))
        return cls(left, top, max(right - left, 0.0), max(bottom - top, 0.0))

    @property
    def area(self) -> float:
        """Share of the image that the box covers."""
        return self.w * self.h

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box (x, y)."""
        return self.x + self.w / 2, self.y + self.h / 2

    def iou(self, other: "Box") -> float:
        """Intersection over union with another box of the same image; 0 where both are empty."""
        width = _shared_length(self.x, self.w, other.x, other.w)
        shared = width * _shared_length(self.y, self.h, other.y, other.h)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


def _shared_length(start: float, length: float, other_start: float, other_length: float) -> float:
    """The overlap of two intervals; never more than the shorter, which rounding could exceed."""
    shared = min(start + length, other_start + other_length) - max(start, other_start)
    return min(max(shared, 0.0), length, other_length)


@dataclass(frozen=True, slots=True)
class DetectedBox:
    """Where a face is, and the confidence of the detector (0..1)."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class ClassifiedFace:
    """A detected face with the logits (labels,) of the model's full label list.

    Live, a face that is not `confident` may continue a track, but not start a new track.
    """

    box: Box
    score: float
    logits: FloatArray
    confident: bool = True


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """What a whole image shows; `probabilities` are in the order of the model's labels.

    `uncertain`: the confidence is under the card's threshold, so the label may be none of the model's.
    """

    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """What one frame cost at each stage, in milliseconds; a batch's cost is shared among its frames.

    `queue_ms` is how long the frame waited for the worker, 0 where there is no queue.
    """

    decode_ms: float
    detect_ms: float
    classify_ms: float
    queue_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The faces of one frame by falling score, or the answer of a whole-image model.

    Width and height are in pixels of the frame as stored. `detail`: the pass that found the faces of a still
    image, one of `DETAILS`; None for live frames. `notes`: the second try that found them, if one did.
    """

    width: int
    height: int
    faces: tuple[ClassifiedFace, ...]
    timing: Timing
    picture: ImageAnswer | None = None
    detail: str | None = None
    notes: tuple[str, ...] = ()

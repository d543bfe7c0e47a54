"""A caller's options, as frozen and validated values."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

# The detector's input side in pixels, by the name of the setting.
Quality = Literal["fast", "balanced", "far"]
QUALITIES: dict[str, int] = {"fast": 256, "balanced": 320, "far": 640}
DEFAULT_QUALITY: Quality = "balanced"

# The confidence that an answer needs where the model's card names no threshold.
UNCERTAIN_BELOW = 0.4

# The share of answers above a threshold that are to be correct: how "uncertain" thresholds are chosen.
RIGHT_SHARE = 0.8

# Pixels a side that a live frame may have.
LIVE_MAX_SIDE = 1920

# Still images are analyzed once and more thoroughly: the detector's side in pixels, and its least score.
STILL_IMAGE_SIZE = 448
STILL_MIN_SCORE = 0.25

# How closely a still image is searched: by itself, one pass at STILL_IMAGE_SIZE, every pixel in tiles.
Detail = Literal["auto", "fast", "full"]
DETAILS: tuple[Detail, ...] = get_args(Detail)
DEFAULT_DETAIL: Detail = "auto"

# A detector's input sides: multiples of the stride of its coarsest grid, in pixels.
IMAGE_SIZE_STEP, MAX_IMAGE_SIZE = 32, 1920


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerOptions:
    """What a `Recognizer` was created with; docs/library.md explains each. Raises ValueError.

    `min_score`: None stands for STILL_MIN_SCORE in images, and for the detector's own thresholds in streams.
    """

    model: str | None = None
    detector: str | None = None
    device: str = "auto"
    detail: Detail = DEFAULT_DETAIL
    label_set: str | None = None
    image_size: int | None = None
    min_score: float | None = None
    weights: str | os.PathLike[str] | None = None
    cache: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        if self.detail not in DETAILS:
            raise ValueError(f"detail is {self.detail!r}; expected one of {', '.join(DETAILS)}")
        if self.min_score is not None and not 0 <= self.min_score <= 1:  # false for NaN too
            raise ValueError(f"min_score is {self.min_score}; expected a number from 0 to 1")
        if self.image_size is not None:
            self._check_image_size(self.image_size)

    def _check_image_size(self, size: int) -> None:
        if self.detail != "fast":
            raise ValueError(f"image_size is for detail='fast', and detail is {self.detail!r}")
        if not IMAGE_SIZE_STEP <= size <= MAX_IMAGE_SIZE or size % IMAGE_SIZE_STEP:
            raise ValueError(
                f"image_size is {size}; expected a multiple of {IMAGE_SIZE_STEP} up to {MAX_IMAGE_SIZE}"
            )


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the live engine trades freshness, fairness and load; times in milliseconds."""

    max_age_ms: float = 400.0
    max_waiting: int = 64
    max_batch: int = 4
    max_stills: int = 16
    # Live batches that go before a still image that waits.
    batches_first: int = 4

    def __post_init__(self) -> None:
        if self.max_age_ms <= 0 or min(self.max_waiting, self.max_batch, self.max_stills) < 1:
            raise ValueError("max_age_ms, max_waiting, max_batch and max_stills must be positive.")


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """When a face in a new frame is the same person as before; times in seconds."""

    min_iou: float = 0.2
    # Center distance in units of the larger box's side, for faces that moved further than their overlap.
    max_distance: float = 0.7
    max_size_ratio: float = 2.0
    max_absence_s: float = 1.5
    # Frames without a face before it is forgotten, however long that takes: for frames that are far apart.
    min_missed_frames: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.min_iou < 1 or self.max_absence_s <= 0 or self.min_missed_frames < 0:
            raise ValueError(
                "min_iou lies between 0 and 1, max_absence_s is positive, min_missed_frames not negative."
            )


@dataclass(frozen=True, slots=True)
class SmoothOptions:
    """How calm a face's answer is.

    `tau_s`: time constant of the mean. `dwell_s`: how long a label must lead by `margin` or more before it
    is named; a smaller lead takes longer in proportion. `uncertain_below`: the required confidence.
    """

    tau_s: float = 0.6
    margin: float = 0.08
    dwell_s: float = 0.35
    uncertain_below: float = UNCERTAIN_BELOW

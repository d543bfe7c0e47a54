"""A caller's options, as frozen and validated values."""

from dataclasses import dataclass

# The detector's input side in pixels, by the name of the setting.
QUALITIES: dict[str, int] = {"fast": 256, "balanced": 320, "far": 640}
DEFAULT_QUALITY = "balanced"

# The confidence that an answer needs where the model's card names no threshold.
UNCERTAIN_BELOW = 0.4

# The share of answers above a threshold that are to be correct: how "uncertain" thresholds are chosen.
RIGHT_SHARE = 0.8

# Pixels a side that a live frame may have.
LIVE_MAX_SIDE = 1920

# Still images are analysed once and more thoroughly: the detector's side in pixels, and its least score.
STILL_IMAGE_SIZE = 448
STILL_MIN_SCORE = 0.25

# How closely a still image is searched: by itself, one pass at STILL_IMAGE_SIZE, every pixel in tiles.
DETAILS = ("auto", "fast", "full")
DEFAULT_DETAIL = "auto"


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
    # Centre distance in units of the larger box's side, for faces that moved further than their overlap.
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

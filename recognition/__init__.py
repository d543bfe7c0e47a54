"""Face expressions in pictures and live streams: detect, classify, track, smooth. No Django in here.

Importing this does nothing heavy: nets, exports and trainers are loaded by what needs them.
"""

from recognition.cards import Card, load_cards
from recognition.errors import (
    ArchitectureUnknown,
    CardInvalid,
    CardMissing,
    DataError,
    DeviceUnavailable,
    EngineClosed,
    ExportDiffers,
    ExportMissing,
    FrameDropped,
    ImageTooLarge,
    ImageUnreadable,
    LabelSetUnknown,
    ModelUnknown,
    PublishedUnavailable,
    RecipeError,
    RecognitionError,
    TrainingDiverged,
    WeightsError,
    WeightsHashMismatch,
)
from recognition.labels import LABEL_SETS
from recognition.live.engine import Engine, LocalEngine
from recognition.live.queue import LiveFrame
from recognition.live.session import LiveFace, LiveSession
from recognition.live.stats import EngineStats
from recognition.options import DEFAULT_QUALITY, LIVE_MAX_SIDE, QUALITIES
from recognition.types import Box, DetectedBox, Face, FrameResult, Timing

__all__ = [
    "DEFAULT_QUALITY",
    "LABEL_SETS",
    "LIVE_MAX_SIDE",
    "QUALITIES",
    "ArchitectureUnknown",
    "Box",
    "Card",
    "CardInvalid",
    "CardMissing",
    "DataError",
    "DetectedBox",
    "DeviceUnavailable",
    "Engine",
    "EngineClosed",
    "EngineStats",
    "ExportDiffers",
    "ExportMissing",
    "Face",
    "FrameDropped",
    "FrameResult",
    "ImageTooLarge",
    "ImageUnreadable",
    "LabelSetUnknown",
    "LiveFace",
    "LiveFrame",
    "LiveSession",
    "LocalEngine",
    "ModelUnknown",
    "PublishedUnavailable",
    "RecipeError",
    "RecognitionError",
    "Timing",
    "TrainingDiverged",
    "WeightsError",
    "WeightsHashMismatch",
    "load_cards",
]

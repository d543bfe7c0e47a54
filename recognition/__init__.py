"""Face expressions in pictures and live streams: detect, classify, track, smooth. No Django in here.

Importing this does nothing heavy: nets, exports and trainers are loaded by what needs them.
"""

from recognition.cards import Card, Head, load_cards
from recognition.errors import (
    ArchitectureUnknown,
    CardInvalid,
    CardMissing,
    DataError,
    DeviceUnavailable,
    EngineBusy,
    EngineClosed,
    ExportDiffers,
    ExportMissing,
    FrameDropped,
    ImageFormatUnknown,
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
from recognition.evaluation.metrics import RIGHT_SHARE
from recognition.folders import (
    default_cache_folder,
    default_weights_folder,
    extra_image_formats_allowed,
    perceived_gender_allowed,
    wrong_variables,
)
from recognition.guide import GUIDE_SHARE, GUIDED_TASKS
from recognition.images import StillPicture, decode_still, readable_kinds
from recognition.labels import LABEL_SETS
from recognition.live.engine import Engine, LocalEngine
from recognition.live.queue import LiveFrame
from recognition.live.session import LiveFace, LivePicture, LiveSession
from recognition.live.stats import EngineStats
from recognition.models import by_merit, find_model
from recognition.options import (
    DEFAULT_DETAIL,
    DEFAULT_QUALITY,
    DETAILS,
    LIVE_MAX_SIDE,
    QUALITIES,
    STILL_IMAGE_SIZE,
    STILL_MIN_SCORE,
    UNCERTAIN_BELOW,
    TrackOptions,
)
from recognition.picture_headers import picture_kind
from recognition.prediction import answer_picture, describe_picture, resolve_label_set
from recognition.recognizer import Picture
from recognition.remote.opening import open_engine
from recognition.types import Box, DetectedBox, Face, FrameResult, PictureAnswer, Timing

__all__ = [
    "DEFAULT_DETAIL",
    "DEFAULT_QUALITY",
    "DETAILS",
    "GUIDED_TASKS",
    "GUIDE_SHARE",
    "LABEL_SETS",
    "LIVE_MAX_SIDE",
    "QUALITIES",
    "RIGHT_SHARE",
    "STILL_IMAGE_SIZE",
    "STILL_MIN_SCORE",
    "UNCERTAIN_BELOW",
    "ArchitectureUnknown",
    "Box",
    "Card",
    "CardInvalid",
    "CardMissing",
    "DataError",
    "DetectedBox",
    "DeviceUnavailable",
    "Engine",
    "EngineBusy",
    "EngineClosed",
    "EngineStats",
    "ExportDiffers",
    "ExportMissing",
    "Face",
    "FrameDropped",
    "FrameResult",
    "Head",
    "ImageFormatUnknown",
    "ImageTooLarge",
    "ImageUnreadable",
    "LabelSetUnknown",
    "LiveFace",
    "LiveFrame",
    "LivePicture",
    "LiveSession",
    "LocalEngine",
    "ModelUnknown",
    "Picture",
    "PictureAnswer",
    "PublishedUnavailable",
    "RecipeError",
    "RecognitionError",
    "StillPicture",
    "Timing",
    "TrackOptions",
    "TrainingDiverged",
    "WeightsError",
    "WeightsHashMismatch",
    "answer_picture",
    "by_merit",
    "decode_still",
    "default_cache_folder",
    "default_weights_folder",
    "describe_picture",
    "extra_image_formats_allowed",
    "find_model",
    "load_cards",
    "open_engine",
    "perceived_gender_allowed",
    "picture_kind",
    "readable_kinds",
    "resolve_label_set",
    "wrong_variables",
]

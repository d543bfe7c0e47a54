"""Face expressions in images and live streams: detect, classify, track, smooth. Independent of Django.

Importing this package is fast: networks, exports and trainers are loaded when they are needed.
"""

from recognition.engine.engine import Engine, LocalEngine
from recognition.engine.queue import LiveFrame
from recognition.engine.session import LiveFace, LiveImageAnswer, LiveSession
from recognition.engine.stats import EngineStats
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
from recognition.folders import (
    default_cache_folder,
    default_weights_folder,
    extra_image_formats_allowed,
    wrong_variables,
)
from recognition.guide import GUIDE_SHARE
from recognition.images.decoding import StillImage, decode_still, readable_kinds
from recognition.images.headers import image_kind
from recognition.models.cards import Card, Head, load_cards
from recognition.models.tasks import (
    DEFAULT_TASK,
    LABEL_SETS,
    TASKS,
    LabelSet,
    Task,
    permitted_tasks,
    register_task,
)
from recognition.options import (
    DEFAULT_DETAIL,
    DEFAULT_QUALITY,
    DETAILS,
    LIVE_MAX_SIDE,
    QUALITIES,
    RIGHT_SHARE,
    STILL_IMAGE_SIZE,
    STILL_MIN_SCORE,
    UNCERTAIN_BELOW,
    TrackOptions,
)
from recognition.prediction import answer_image, describe_result, resolve_label_set
from recognition.recognizer import ImageRequest
from recognition.remote.opening import open_engine
from recognition.served_models import by_merit, find_model
from recognition.types import (
    Box,
    DetectedBox,
    Face,
    FloatArray,
    FrameResult,
    ImageAnswer,
    Timing,
    UInt8Array,
)

__all__ = [
    "DEFAULT_DETAIL",
    "DEFAULT_QUALITY",
    "DEFAULT_TASK",
    "DETAILS",
    "GUIDE_SHARE",
    "LABEL_SETS",
    "LIVE_MAX_SIDE",
    "QUALITIES",
    "RIGHT_SHARE",
    "STILL_IMAGE_SIZE",
    "STILL_MIN_SCORE",
    "TASKS",
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
    "FloatArray",
    "FrameDropped",
    "FrameResult",
    "Head",
    "ImageAnswer",
    "ImageFormatUnknown",
    "ImageRequest",
    "ImageTooLarge",
    "ImageUnreadable",
    "LabelSet",
    "LabelSetUnknown",
    "LiveFace",
    "LiveFrame",
    "LiveImageAnswer",
    "LiveSession",
    "LocalEngine",
    "ModelUnknown",
    "PublishedUnavailable",
    "RecipeError",
    "RecognitionError",
    "StillImage",
    "Task",
    "Timing",
    "TrackOptions",
    "TrainingDiverged",
    "UInt8Array",
    "WeightsError",
    "WeightsHashMismatch",
    "answer_image",
    "by_merit",
    "decode_still",
    "default_cache_folder",
    "default_weights_folder",
    "describe_result",
    "extra_image_formats_allowed",
    "find_model",
    "image_kind",
    "load_cards",
    "open_engine",
    "permitted_tasks",
    "readable_kinds",
    "register_task",
    "resolve_label_set",
    "wrong_variables",
]

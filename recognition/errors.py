"""The errors that this library raises deliberately, each with the party that has to act.

    RecognitionError
    ├── ImageUnreadable          the sender: not an image, or truncated
    │   ├── ImageFormatUnknown   the sender: not a supported image format
    │   └── ImageTooLarge        the sender: too many pixels
    ├── WeightsError             the operator: a problem in the weights folder
    │   ├── CardMissing
    │   ├── CardInvalid
    │   ├── WeightsHashMismatch
    │   ├── ArchitectureUnknown
    │   ├── GraphMissing         `python -m recognition export-graphs` creates it
    │   ├── GraphOutdated        likewise
    │   ├── ExportMissing        `python -m recognition prepare` creates it
    │   └── PublishedUnavailable published weights are not available here
    ├── ModelUnknown             the caller: no served model has this name
    ├── LabelSetUnknown          the caller: the model does not have this label set
    ├── DataError                the user: a data set is missing or malformed
    ├── RecipeError              the user: a recipe is unreadable or invalid
    ├── TrainingDiverged         the user: the loss is not finite
    ├── ExportDiffers            the operator: an export's output differs from its network's
    ├── DependencyMissing        the operator: an optional package is not installed
    ├── DeviceUnavailable        the operator: this machine does not have the device
    ├── RecognizerClosed         the programmer: the recognizer was closed
    ├── FrameDropped             no action needed: a live frame was dropped
    ├── EngineBusy               the sender: too many images are already waiting
    └── EngineClosed             the programmer: the engine was stopped

Each message is one sentence: what went wrong, with which input, and what to do.
"""


class RecognitionError(Exception):
    """Any error of this library."""


class ImageUnreadable(RecognitionError):
    """The bytes are not an image that can be decoded."""


class ImageFormatUnknown(ImageUnreadable):
    """The leading bytes do not match any supported image format."""


class ImageTooLarge(ImageUnreadable):
    """The image's header declares more pixels than are allowed."""


class WeightsError(RecognitionError):
    """A problem in the weights folder prevents a model from being served."""


class CardMissing(WeightsError):
    """Weights without a card, or a card without weights."""


class CardInvalid(WeightsError):
    """A card that is not JSON, or lacks a field."""


class WeightsHashMismatch(WeightsError):
    """The weights are not the ones that the card describes."""


class ArchitectureUnknown(WeightsError):
    """A card names an architecture that this version does not have."""


class GraphMissing(WeightsError):
    """A model's graph is not beside its weights."""


class GraphOutdated(WeightsError):
    """A model's graph was made for other weights, or for another card."""


class ExportMissing(WeightsError):
    """What `prepare` measures for a model is not in the cache."""


class PublishedUnavailable(WeightsError):
    """A network has no published weights, or they are not available here."""


class ModelUnknown(RecognitionError):
    """No served model has this name."""


class LabelSetUnknown(RecognitionError):
    """The model does not support this label set."""


class DataError(RecognitionError):
    """A data set is missing, empty or not in its documented format."""


class RecipeError(RecognitionError):
    """A recipe cannot be read, or has an invalid value."""


class TrainingDiverged(RecognitionError):
    """The loss is no longer finite."""


class ExportDiffers(RecognitionError):
    """An exported network does not return the same probabilities as the original."""


class DependencyMissing(RecognitionError):
    """An optional package is not installed, and this needs it."""


class DeviceUnavailable(RecognitionError):
    """The requested device is not available on this machine."""


class RecognizerClosed(RecognitionError):
    """The recognizer was closed; create another one."""


class FrameDropped(RecognitionError):
    """A live frame was dropped; `reason` is one of `DROP_REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The frame was dropped: {reason}.")
        self.reason = reason


class EngineBusy(RecognitionError):
    """The maximum number of still images is already waiting for the engine."""


class EngineClosed(RecognitionError):
    """The engine was stopped; its frames in flight fail with this error."""

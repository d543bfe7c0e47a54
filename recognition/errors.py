"""Every error that this library raises on purpose.

    RecognitionError
    ├── ImageUnreadable          the sender: not an image, or cut short
    │   ├── ImageFormatUnknown   the sender: not a kind of image that is read here
    │   └── ImageTooLarge        the sender: too many pixels
    ├── WeightsError             the operator: something in the weights folder
    │   ├── CardMissing
    │   ├── CardInvalid
    │   ├── WeightsHashMismatch
    │   ├── ArchitectureUnknown
    │   ├── ExportMissing        `python -m recognition prepare` makes it
    │   └── PublishedUnavailable published weights cannot be had here
    ├── ModelUnknown             the caller: no such model is served
    ├── LabelSetUnknown          the caller: this model has no such label set
    ├── DataError                the trainer: a data set is not as it should be
    ├── RecipeError              the trainer: a recipe is not as it should be
    ├── TrainingDiverged         the trainer: the loss is not finite
    ├── ExportDiffers            the operator: an export does not answer as its network does
    ├── DeviceUnavailable        the operator: no such device here
    ├── FrameDropped             nobody: a live frame was given up, with its reason
    ├── EngineBusy               the sender: too many images wait already
    └── EngineClosed             the programmer: the engine was stopped

A message is one sentence: what went wrong, with which input, what to do.
"""


class RecognitionError(Exception):
    """Any error of this library."""


class ImageUnreadable(RecognitionError):
    """The bytes are not an image that can be decoded."""


class ImageFormatUnknown(ImageUnreadable):
    """The leading bytes are those of no kind of image that is read here."""


class ImageTooLarge(ImageUnreadable):
    """The image's header names more pixels than are allowed."""


class WeightsError(RecognitionError):
    """Something in the weights folder keeps a model from being served."""


class CardMissing(WeightsError):
    """Weights without a card, or a card without weights."""


class CardInvalid(WeightsError):
    """A card that is not JSON, or lacks a field."""


class WeightsHashMismatch(WeightsError):
    """The weights are not the ones that the card describes."""


class ArchitectureUnknown(WeightsError):
    """A card names an architecture that this version does not have."""


class ExportMissing(WeightsError):
    """The prepared form of a model is not in the cache."""


class PublishedUnavailable(WeightsError):
    """A network has no published weights, or they cannot be had here."""


class ModelUnknown(RecognitionError):
    """No served model has this name."""


class LabelSetUnknown(RecognitionError):
    """The model cannot answer in this label set."""


class DataError(RecognitionError):
    """A data set is missing, empty or not in its documented form."""


class RecipeError(RecognitionError):
    """A recipe cannot be read, or has a wrong value."""


class TrainingDiverged(RecognitionError):
    """The loss is not a number any more."""


class ExportDiffers(RecognitionError):
    """A network written for another program does not give the same probabilities there."""


class DeviceUnavailable(RecognitionError):
    """The device asked for is not on this machine."""


class FrameDropped(RecognitionError):
    """A live frame was given up; `reason` is one of `DROP_REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The frame was dropped: {reason}.")
        self.reason = reason


class EngineBusy(RecognitionError):
    """As many still images wait for the engine as may."""


class EngineClosed(RecognitionError):
    """The engine was stopped; its frames in flight end with this."""

"""What a recognizer returns for an image or a frame: frozen values in plain Python types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict, overload

from recognition.errors import DependencyMissing
from recognition.images.drawing import Mark, draw_marks, to_rgb
from recognition.images.inputs import check_color, read_input_bgr
from recognition.images.pillow import is_pillow_image
from recognition.types import Box, Color, UInt8Array

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt
    from pandas import DataFrame
    from PIL.Image import Image

# By how many pixels the size of an image to draw on may differ from the result's proportions.
_ROUNDING_PX = 2


class PredictionDict(TypedDict):
    """A prediction as JSON."""

    label: str
    confidence: float
    probabilities: dict[str, float]
    uncertain: bool


class FaceDict(PredictionDict):
    """A face as JSON: `box` is x, y, width, height in fractions of the image; `id` in streams only."""

    box: list[float]
    score: float
    id: NotRequired[int]


class ResultDict(TypedDict):
    """A result as JSON, the object that `predict --json` prints.

    `picture` only with a model of whole images, `detail` only with one of faces, `notes` only where there are
    some, `frame` and `time_s` in streams only.
    """

    file: str | None
    width: int
    height: int
    faces: list[FaceDict]
    picture: NotRequired[PredictionDict]
    detail: NotRequired[str]
    notes: NotRequired[list[str]]
    frame: NotRequired[int]
    time_s: NotRequired[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A model's answer for a face or a whole image.

    `label` is the most probable label and `confidence` its probability (0..1). `uncertain`: the confidence is
    below the model's threshold, so do not rely on the label. `probabilities`: by label, in the order of the
    label set; their sum is 1.
    """

    label: str
    confidence: float
    uncertain: bool
    probabilities: Mapping[str, float]

    def __str__(self) -> str:
        return "uncertain" if self.uncertain else f"{self.label} {self.confidence:.0%}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face(Prediction):
    """A detected face and the model's answer for it.

    `box_xyxy`: left, top, right and bottom in pixels of the upright image, within it, not rounded. `box`: the
    same in fractions of the image. `score`: the confidence of the detector that it is a face (0..1). `id`: in
    a stream, the number of the tracked face, from 1, never used again in that stream; else None.
    """

    box_xyxy: tuple[float, float, float, float]
    box: Box
    score: float
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one image or frame shows.

    `file`: the path as it was given; None for an image in memory. `width`, `height`: pixels of the upright
    image. `model`, `label_set`, `labels`: what answered, and the labels in order. `faces`: by descending
    `score`, empty where none was found. `answer`: for a model of whole images, such as `places`, what the
    image shows; `faces` is then empty. With a model of faces, it is None. `detail`: the pass that found the
    faces, `auto`, `fast` or `full`; None for whole images and in streams. `notes`: codes such as
    `first_frame` (only the first frame of an animation was analyzed), `padded` and `turned_90` (a second
    attempt found the faces).
    `frame`, `time_s`: in a stream, the frame's number from 0 and its time in seconds; else None.
    """

    file: str | None
    width: int
    height: int
    model: str
    label_set: str
    labels: tuple[str, ...]
    faces: tuple[Face, ...] = ()
    answer: Prediction | None = None
    detail: str | None = None
    notes: tuple[str, ...] = ()
    frame: int | None = None
    time_s: float | None = None

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """The faces, or the answer for the whole image alone."""
        return self.faces if self.answer is None else (self.answer,)

    def to_dict(self) -> ResultDict:
        """Return the object that `python -m recognition predict --json` prints, ready for `json.dumps`."""
        described: ResultDict = {
            "file": self.file,
            "width": self.width,
            "height": self.height,
            "faces": [_face_dict(face) for face in self.faces],
        }
        if self.answer is not None:
            described["picture"] = _prediction_dict(self.answer)
        if self.detail is not None:
            described["detail"] = self.detail
        if self.notes:
            described["notes"] = list(self.notes)
        if self.frame is not None:
            described["frame"] = self.frame
        if self.time_s is not None:
            described["time_s"] = self.time_s
        return described

    def to_dataframe(self) -> "DataFrame":
        """Return a pandas DataFrame with one row for each prediction, and one column for each label.

        The other columns are `file`, `frame`, `time_s`, `id`, `left`, `top`, `right`, `bottom` (pixels),
        `score`, `label`, `confidence` and `uncertain`. Columns and their types do not depend on what the
        image shows, so that tables can be concatenated. Raises DependencyMissing without pandas.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise DependencyMissing("to_dataframe() needs pandas; run `pip install pandas`.") from error
        rows = [self._row(prediction) for prediction in self.predictions]
        types = {**_COLUMNS, **dict.fromkeys(self.labels, "float64")}
        return DataFrame(rows, columns=list(types)).astype(types)

    @overload
    def draw(self, image: "Image", *, color: Color = ...) -> "Image": ...

    @overload
    def draw(
        self, image: "str | os.PathLike[str] | bytes | npt.NDArray[np.generic]", *, color: Color = ...
    ) -> UInt8Array: ...

    def draw(self, image: object, *, color: Color = "bgr") -> "UInt8Array | Image":
        """Return a copy of the image with a box and the label at each face, or with the answer.

        A PIL image returns a PIL image; a path, bytes or an array an array (h, w, 3) uint8, its channels in
        the order `color`. The image may be a scaled copy of the analyzed one. Raises ImageUnreadable;
        TypeError or ValueError for a value that is not an image or has other proportions.
        """
        check_color(color)
        image_bgr = read_input_bgr(image, color)
        self._check_proportions(image_bgr)
        drawn = draw_marks(image_bgr, [_mark(prediction) for prediction in self.predictions])
        if is_pillow_image(image):
            from PIL.Image import fromarray

            return fromarray(to_rgb(drawn))
        return drawn if color == "bgr" else to_rgb(drawn)

    def __str__(self) -> str:
        """Return one line, such as `photo.jpg: happy 98%, uncertain`."""
        words = ", ".join(str(prediction) for prediction in self.predictions) or "no face"
        name = self.file or (f"frame {self.frame}" if self.frame is not None else "image")
        return f"{name}: {words}"

    def _check_proportions(self, image_bgr: UInt8Array) -> None:
        height, width = image_bgr.shape[:2]
        scale = max(width / self.width, height / self.height)
        if abs(self.width * scale - width) + abs(self.height * scale - height) > _ROUNDING_PX * max(scale, 1):
            raise ValueError(
                f"expected the analyzed image ({self.width} x {self.height} pixels) or a scaled copy, "
                f"got {width} x {height}"
            )

    def _row(self, prediction: Prediction) -> dict[str, str | int | float | bool | None]:
        face = prediction if isinstance(prediction, Face) else None
        left, top, right, bottom = face.box_xyxy if face else (None, None, None, None)
        return {
            "file": self.file,
            "frame": self.frame,
            "time_s": self.time_s,
            "id": face.id if face else None,
            "left": left,
            "top": top,
            "right": right,
            "bottom": bottom,
            "score": face.score if face else None,
            "label": prediction.label,
            "confidence": prediction.confidence,
            "uncertain": prediction.uncertain,
            **prediction.probabilities,
        }


# The columns of a table before those of the labels, and their types: the same whatever an image shows.
_COLUMNS = {
    "file": "string",
    "frame": "Int64",
    "time_s": "float64",
    "id": "Int64",
    **dict.fromkeys(("left", "top", "right", "bottom", "score"), "float64"),
    "label": "string",
    "confidence": "float64",
    "uncertain": "bool",
}


def _mark(prediction: Prediction) -> Mark:
    face = prediction if isinstance(prediction, Face) else None
    number = f"{face.id} " if face and face.id is not None else ""
    return Mark(f"{number}{prediction}", face.box if face else None, prediction.uncertain)


def _prediction_dict(prediction: Prediction) -> PredictionDict:
    return {
        "label": prediction.label,
        "confidence": prediction.confidence,
        "uncertain": prediction.uncertain,
        "probabilities": dict(prediction.probabilities),
    }


def _face_dict(face: Face) -> FaceDict:
    described: FaceDict = {
        "box": [face.box.x, face.box.y, face.box.w, face.box.h],
        "score": face.score,
        "label": face.label,
        "confidence": face.confidence,
        "probabilities": dict(face.probabilities),
        "uncertain": face.uncertain,
    }
    if face.id is not None:
        described["id"] = face.id
    return described

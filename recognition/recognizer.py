"""The library in one call: images or streams in, named faces out."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Self, TypeVar, overload

from recognition.devices import resolve_device
from recognition.engine.session import LiveFace, LiveSession
from recognition.errors import ImageUnreadable, RecognizerClosed
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import StillImage
from recognition.images.inputs import ImageInput, check_color, input_file, read_input
from recognition.models.tasks import permitted_tasks
from recognition.options import (
    DEFAULT_DETAIL,
    DEFAULT_QUALITY,
    QUALITIES,
    STILL_IMAGE_SIZE,
    STILL_MIN_SCORE,
    Detail,
    Quality,
    RecognizerOptions,
)
from recognition.pipeline import ImageRequest, Pipeline, run_to_end
from recognition.prediction import as_prediction, name_result, pixel_box, resolve_label_set
from recognition.results import Face, Result
from recognition.served_models import ServedModels
from recognition.stream_times import Frames, FrameSource, timed_frames
from recognition.types import Color, FrameResult

logger = logging.getLogger(__name__)

# Images of a list that one pass takes together, and that are in memory at a time.
BATCH = 8

Image = TypeVar("Image", bound=ImageInput)


class Recognizer:
    """Finds the faces in images and streams and names their expressions, or names places, scenes or signs.

        from recognition import Recognizer

        result = Recognizer()("photo.jpg")
        for face in result.faces:
            print(face.label, face.confidence, face.box_xyxy)

    Several threads may call one recognizer; it analyzes one image at a time. As a context manager it is
    closed at the end. docs/library.md describes the options, the results and the errors.
    """

    def __init__(
        self,
        model: str | None = None,
        detector: str | None = None,
        device: str = "auto",
        detail: Detail = DEFAULT_DETAIL,
        *,
        label_set: str | None = None,
        image_size: int | None = None,
        min_score: float | None = None,
        weights: str | os.PathLike[str] | None = None,
        cache: str | os.PathLike[str] | None = None,
    ) -> None:
        """Check the options and the weights; the networks are prepared and loaded at the first image.

        Raises ValueError for an option outside its range; ModelUnknown, LabelSetUnknown, DeviceUnavailable,
        WeightsError.
        """
        self.options = RecognizerOptions(
            model=model,
            detector=detector,
            device=device,
            detail=detail,
            label_set=label_set,
            image_size=image_size,
            min_score=min_score,
            weights=weights,
            cache=cache,
        )
        self.device = resolve_device(device)
        self._cache = default_cache_folder() if cache is None else Path(cache)
        models = ServedModels.read(
            default_weights_folder() if weights is None else Path(weights),
            permitted=permitted_tasks(),
            detector=detector,
        )
        self._card = models.named(model)
        self._models = models.only(self._card)
        self.model = self._card.name
        self.label_set = resolve_label_set(self._card, label_set)
        self.labels = self._card.labels_of(self.label_set)
        self._opening = RLock()
        self._running = Lock()
        self._pipeline: Pipeline | None = None
        self._closed = False

    def prepare(self, progress: Callable[[str], None] | None = None) -> None:
        """Prepare and load the networks now instead of at the first image; `progress` gets a line per step.

        Preparing is needed once for each model and machine; its files stay in the cache folder.
        """
        self._open(progress or logger.info)

    @overload
    def __call__(self, image: ImageInput, *, color: Color = ...) -> Result: ...

    @overload
    def __call__(self, image: list[Image] | tuple[Image, ...], *, color: Color = ...) -> list[Result]: ...

    def __call__(
        self, image: ImageInput | list[Image] | tuple[Image, ...], *, color: Color = "bgr"
    ) -> Result | list[Result]:
        """Analyze an image, or each image of a list or tuple: a path, bytes, a PIL image or a NumPy array.

        `color`: the order of an array's channels. Raises ImageUnreadable for what cannot be decoded;
        TypeError or ValueError for a value or array that is no image; each names the image.
        """
        check_color(color)
        if isinstance(image, list | tuple):
            return self._recognize(image, color)
        return self._recognize([image], color)[0]

    def stream(
        self,
        frames: FrameSource,
        *,
        fps: float | None = None,
        color: Color = "bgr",
        quality: Quality = DEFAULT_QUALITY,
    ) -> Iterator[Result]:
        """Analyze frames in order: faces get stable ids, labels and probabilities are smoothed over time.

        `frames`: a `cv2.VideoCapture`, or an iterable of images or of pairs (image, time in seconds). `fps`:
        the rate of recorded frames without a time. `quality`: the detector's range. The iterator ends with
        the frames; it does not release a capture. Raises what a call raises, naming the frame.
        """
        check_color(color)
        if quality not in QUALITIES:
            raise ValueError(f"quality is {quality!r}; expected one of {', '.join(QUALITIES)}")
        return self._stream(timed_frames(frames, fps), color, QUALITIES[quality])

    def close(self) -> None:
        """Release the networks; a later call raises RecognizerClosed. Closing twice is harmless."""
        with self._opening:
            self._closed = True
            self._pipeline = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Recognizer {self.model} ({self.label_set}) on {self.device}>"

    def _open(self, progress: Callable[[str], None]) -> Pipeline:
        with self._opening:
            if self._closed:
                raise RecognizerClosed("The recognizer was closed; create another one.")
            if self._pipeline is None:
                self._models.prepare(self.device, self._cache, progress)
                self._pipeline = Pipeline.open(
                    self._models, self.device, self._cache, min_score=self.options.min_score
                )
            return self._pipeline

    def _recognize(self, images: Sequence[object], color: Color) -> list[Result]:
        pipeline = self._open(logger.info)
        # A model of whole images takes a small square: more pixels would not change its answer.
        detail = self.options.detail if self._card.sees_faces else "fast"
        step = BATCH if detail == "fast" else 1
        names = [f"image {number} of {len(images)}" for number in range(1, len(images) + 1)]
        names = names if len(images) > 1 else ["image"]
        results: list[Result] = []
        for start in range(0, len(images), step):
            batch = slice(start, start + step)
            stills = [
                self._read(image, name, color, detail)
                for image, name in zip(images[batch], names[batch], strict=True)
            ]
            answers = self._analyze(pipeline, stills, detail)
            results += [
                name_result(input_file(image), answer, self._card, self.label_set, still.notes)
                for image, answer, still in zip(images[batch], answers, stills, strict=True)
            ]
        return results

    def _read(self, image: object, name: str, color: Color, detail: Detail) -> StillImage:
        with _naming(input_file(image) or name):
            return read_input(image, color, detail)

    def _analyze(self, pipeline: Pipeline, stills: Sequence[StillImage], detail: Detail) -> list[FrameResult]:
        size = self.options.image_size or STILL_IMAGE_SIZE
        least = STILL_MIN_SCORE if self.options.min_score is None else self.options.min_score
        requests = [ImageRequest.of_still(still, self.model, size, least, detail) for still in stills]
        if detail != "fast":
            return [run_to_end(pipeline.recognize_still(request), self._running) for request in requests]
        with self._running:
            return pipeline.recognize(requests)

    def _stream(self, frames: Frames, color: Color, image_size: int) -> Iterator[Result]:
        session = LiveSession(self._card, self.label_set)
        for number, (frame, at) in enumerate(frames):
            pipeline = self._open(logger.info)
            file = input_file(frame)
            with _naming(f"frame {number} of the stream" + (f" ({file})" if file else "")):
                still = read_input(frame, color, "fast")
            request = ImageRequest.of_still(still, self.model, image_size, self.options.min_score or 0.0)
            with self._running:
                (answer,) = pipeline.recognize([request])
            yield replace(self._tracked(session, answer, at), file=file, frame=number, time_s=at)

    def _tracked(self, session: LiveSession, answer: FrameResult, at: float) -> Result:
        faces: tuple[Face, ...] = ()
        calm = None
        if answer.picture is None:
            people = session.update(answer, at)
            faces = tuple(self._face(person, answer.width, answer.height) for person in people)
        else:
            calm = as_prediction(session.update_image(answer.picture, at), self.labels)
        return Result(
            file=None,
            width=answer.width,
            height=answer.height,
            model=self.model,
            label_set=self.label_set,
            labels=self.labels,
            faces=faces,
            answer=calm,
        )

    def _face(self, person: LiveFace, width: int, height: int) -> Face:
        return Face(
            box_xyxy=pixel_box(person.box, width, height),
            box=person.box,
            score=person.score,
            id=person.id,
            label=person.label,
            confidence=person.confidence,
            uncertain=person.uncertain,
            probabilities=dict(zip(self.labels, person.probabilities, strict=True)),
        )


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Put an image's name in front of the error of reading it."""
    try:
        yield
    except ImageUnreadable as error:
        raise type(error)(f"{name}: {error}") from error
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error

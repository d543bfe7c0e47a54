"""Images in, faces with logits out, or one prediction for the image: pure, without threads or queues."""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from recognition.classification import Classifier, open_classifier
from recognition.detection import Detector, open_detector
from recognition.detection.letterbox import STRIDE
from recognition.detection.still_search import search_faces, turned_back
from recognition.guide import guide_square
from recognition.images.decoding import StillImage, as_bgr, crop_square, square_image
from recognition.models.cards import Card
from recognition.options import DETAILS, STILL_IMAGE_SIZE
from recognition.prediction import answer_image
from recognition.served_models import ServedModels
from recognition.types import ClassifiedFace, DetectedBox, FrameResult, ImageAnswer, Timing, UInt8Array


@dataclass(frozen=True, slots=True, eq=False)
class ImageRequest:
    """A decoded image (h, w, 3) BGR, its model, and the detector's side in pixels for it.

    `min_score` leaves out faces of a lower detector score. `size_wh` is the image's size in pixels
    where it was decoded reduced. `guided` is a live frame: models of `guided` tasks use only its guide
    square. `detail` is how closely a still image is searched for faces, one of `DETAILS`; with
    None it is a frame, one pass and nothing else.

    `image_bgr` may be another array that `as_bgr` converts. Raises TypeError or ValueError for anything else.
    """

    image_bgr: UInt8Array
    model: str
    image_size: int
    decode_ms: float = 0.0
    min_score: float = 0.0
    size_wh: tuple[int, int] | None = None
    guided: bool = False
    detail: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_bgr", as_bgr(self.image_bgr))
        if self.image_size < STRIDE or self.image_size % STRIDE:
            raise ValueError(f"image_size is {self.image_size}; expected a positive multiple of {STRIDE}")
        if self.detail is not None and self.detail not in DETAILS:
            raise ValueError(f"detail is {self.detail!r}; expected one of {', '.join(DETAILS)}")

    @classmethod
    def of_still(
        cls,
        still: StillImage,
        model: str,
        image_size: int = STILL_IMAGE_SIZE,
        min_score: float = 0.0,
        detail: str = "fast",
    ) -> "ImageRequest":
        """Return a request for an image that was decoded for one pass."""
        size_wh = (still.width, still.height)
        return cls(still.image_bgr, model, image_size, min_score=min_score, size_wh=size_wh, detail=detail)

    @property
    def width(self) -> int:
        """Width of the whole image in pixels."""
        return self.size_wh[0] if self.size_wh else int(self.image_bgr.shape[1])

    @property
    def height(self) -> int:
        """Height of the whole image in pixels."""
        return self.size_wh[1] if self.size_wh else int(self.image_bgr.shape[0])


class Pipeline:
    """A detector and the models behind it; for one thread at a time."""

    def __init__(
        self,
        detector: Detector,
        cards: Mapping[str, Card],
        open_one: Callable[[Card], Classifier],
        margin: float,
        sure_score: float,
    ) -> None:
        self._detector = detector
        self._cards = cards
        self._open_one = open_one
        self._classifiers: dict[str, Classifier] = {}
        self._margin = margin
        self._confident_score = sure_score

    @classmethod
    def open(
        cls, models: ServedModels, device: str, cache_folder: Path, min_score: float | None = None
    ) -> "Pipeline":
        """Open the served models on `device`: those of the default task now, the others at their first image.

        Without `min_score` it is for live use: faces from the detector's threshold `keep` up are returned,
        those from `live` up are confident.
        """
        thresholds = models.detector.thresholds
        lowest, confident = (
            (thresholds["keep"], thresholds["live"]) if min_score is None else (min_score, min_score)
        )
        detector = open_detector(models.detector, models.folder, device, cache_folder, min_score=lowest)
        cards = {card.name: card for card in models.catalogue}
        pipeline = cls(
            detector,
            cards,
            lambda card: open_classifier(card, models.folder, device),
            models.detector.input.margin,
            confident,
        )
        # Each takes tens of megabytes, and most visitors use only the expression models.
        for card in models.primary:
            pipeline._classifier(card)
        return pipeline

    def open_all(self) -> None:
        """Open every model now."""
        for card in self._cards.values():
            self._classifier(card)

    def warm(self, image_size: int) -> None:
        """Run every open network once, so that the first webcam frame is as fast as the next."""
        self._detector.detect([np.full((480, 640, 3), 127, np.uint8)], image_size)
        for name, classifier in self._classifiers.items():
            taken = self._cards[name].input
            sides = (taken.height, taken.width)
            for count in (1, 2):
                shape = (count, *sides) if taken.channels == 1 else (count, *sides, taken.channels)
                classifier.classify(np.zeros(shape, np.uint8))

    def recognize(self, requests: Sequence[ImageRequest]) -> list[FrameResult]:
        """Answer each image as its model does, batched across images that share a setting.

        A model of faces finds and names them; one of whole images gives `picture` and no faces. Each is one
        pass, whatever its `detail`; see `recognize_still`.
        """
        started = perf_counter()
        of_faces = [n for n, request in enumerate(requests) if self._cards[request.model].sees_faces]
        found = dict(zip(of_faces, self._detect([requests[n] for n in of_faces]), strict=True))
        detected = perf_counter()
        faces = self._classify(requests, found)
        answers = self._answer(requests)
        finished = perf_counter()
        detect_ms, classify_ms = (
            seconds * 1000 / max(len(requests), 1) for seconds in (detected - started, finished - detected)
        )
        return [
            FrameResult(
                width=request.width,
                height=request.height,
                faces=tuple(faces[number]),
                timing=Timing(request.decode_ms, detect_ms, classify_ms),
                picture=answers.get(number),
            )
            for number, request in enumerate(requests)
        ]

    def recognize_still(self, request: ImageRequest) -> Generator[None, None, FrameResult]:
        """Answer one still image as `recognize` does, searched as its `detail` says.

        Yields after each run of the detector, so that live frames need not wait for the complete search.
        """
        if request.detail is None or not self._cards[request.model].sees_faces:
            return self.recognize([request])[0]
        started = perf_counter()
        search = yield from search_faces(
            self._detector, request.image_bgr, request.detail, request.image_size, request.min_score
        )
        detected = perf_counter()
        # The expression is seen on the upright face.
        upright = np.ascontiguousarray(np.rot90(request.image_bgr, search.quarters))
        (faces,) = self._classify([replace(request, image_bgr=upright)], {0: search.boxes})
        finished = perf_counter()
        return FrameResult(
            width=request.width,
            height=request.height,
            faces=tuple(replace(face, box=turned_back(face.box, search.quarters)) for face in faces),
            timing=Timing(request.decode_ms, (detected - started) * 1000, (finished - detected) * 1000),
            detail=search.detail,
            notes=search.notes,
        )

    def _detect(self, requests: Sequence[ImageRequest]) -> list[tuple[DetectedBox, ...]]:
        by_size: dict[int, list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            by_size[request.image_size].append(index)
        found: list[tuple[DetectedBox, ...]] = [()] * len(requests)
        for size, members in by_size.items():
            boxes = self._detector.detect([requests[index].image_bgr for index in members], size)
            for index, of_image in zip(members, boxes, strict=True):
                least = requests[index].min_score
                found[index] = tuple(detected for detected in of_image if detected.score >= least)
        return found

    def _classify(
        self, requests: Sequence[ImageRequest], found: Mapping[int, tuple[DetectedBox, ...]]
    ) -> list[list[ClassifiedFace]]:
        by_model: dict[str, list[tuple[int, DetectedBox]]] = defaultdict(list)
        for index, boxes in found.items():
            by_model[requests[index].model] += [(index, detected) for detected in boxes]
        faces: list[list[ClassifiedFace]] = [[] for _ in requests]
        for model, members in by_model.items():
            if not members:
                continue
            card = self._cards[model]
            crops = np.stack([self._crop(requests[n].image_bgr, detected, card) for n, detected in members])
            for (index, detected), logits in zip(
                members, self._classifier(card).classify(crops), strict=True
            ):
                confident = detected.score >= self._confident_score
                faces[index].append(ClassifiedFace(detected.box, detected.score, logits, confident))
        return faces

    def _answer(self, requests: Sequence[ImageRequest]) -> dict[int, ImageAnswer]:
        by_model: dict[str, list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            if not self._cards[request.model].sees_faces:
                by_model[request.model].append(index)
        answers: dict[int, ImageAnswer] = {}
        for model, members in by_model.items():
            card = self._cards[model]
            squares = np.stack([_input_square(requests[n], card) for n in members])
            for index, logits in zip(members, self._classifier(card).classify(squares), strict=True):
                answers[index] = answer_image(logits, card)
        return answers

    def _crop(self, image_bgr: UInt8Array, detected: DetectedBox, card: Card) -> UInt8Array:
        margin = card.input.margin or self._margin
        return crop_square(image_bgr, detected.box, margin, card.input.height, card.input.channels)

    def _classifier(self, card: Card) -> Classifier:
        if card.name not in self._classifiers:
            self._classifiers[card.name] = self._open_one(card)
        return self._classifiers[card.name]


def _input_square(request: ImageRequest, card: Card) -> UInt8Array:
    """The square that a model of whole images sees."""
    guided = request.guided and card.task_definition.guided
    image_bgr = guide_square(request.image_bgr) if guided else request.image_bgr
    return square_image(image_bgr, card.input.height, card.input.channels)


def run_to_end(
    steps: Generator[None, None, FrameResult], turn: AbstractContextManager[object] | None = None
) -> FrameResult:
    """Run `recognize_still` to its end, each step inside `turn`, for example a lock."""
    turn = nullcontext() if turn is None else turn
    while True:
        with turn:
            try:
                next(steps)
            except StopIteration as stop:
                result: FrameResult = stop.value
                return result

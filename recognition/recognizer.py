"""Pictures in, faces with logits out: pure, without thread or queue."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from recognition.cards import Card
from recognition.detection import Detector, open_detector
from recognition.expression import Classifier, open_classifier
from recognition.images import crop_square_gray
from recognition.models import ServedModels
from recognition.types import DetectedBox, Face, FrameResult, Timing, UInt8Array


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture (h, w, 3) BGR, its emotion model, and the detector's side in pixels for it."""

    image_bgr: UInt8Array
    model: str
    image_size: int
    decode_ms: float = 0.0


class Recognizer:
    """A detector and the emotion models behind it; for one thread at a time."""

    def __init__(
        self,
        detector: Detector,
        classifiers: Mapping[str, tuple[Card, Classifier]],
        margin: float,
        sure_score: float,
    ) -> None:
        self._detector = detector
        self._classifiers = classifiers
        self._margin = margin
        self._sure_score = sure_score

    @classmethod
    def open(
        cls, models: ServedModels, device: str, cache_folder: Path, min_score: float | None = None
    ) -> "Recognizer":
        """Open the served models on `device`.

        Without `min_score` it is for live use: faces from the detector's threshold `keep` up are given,
        those from `live` up are sure.
        """
        thresholds = models.detector.thresholds
        lowest, sure = (
            (thresholds["keep"], thresholds["live"]) if min_score is None else (min_score, min_score)
        )
        detector = open_detector(models.detector, models.folder, device, cache_folder, min_score=lowest)
        classifiers = {
            card.name: (card, open_classifier(card, models.folder, device, cache_folder))
            for card in models.emotions
        }
        return cls(detector, classifiers, models.detector.input.margin, sure)

    def warm(self, image_size: int) -> None:
        """Run every net once, so that the first webcam frame is as quick as the next."""
        self._detector.detect([np.full((480, 640, 3), 127, np.uint8)], image_size)
        for card, classifier in self._classifiers.values():
            for count in (1, 2):
                classifier.classify(np.zeros((count, card.input.height, card.input.width), np.uint8))

    def recognize(self, pictures: Sequence[Picture]) -> list[FrameResult]:
        """Find and classify the faces of each picture, batched across pictures that share a setting."""
        started = perf_counter()
        found = self._detect(pictures)
        detected = perf_counter()
        faces = self._classify(pictures, found)
        finished = perf_counter()
        detect_ms, classify_ms = (
            seconds * 1000 / max(len(pictures), 1) for seconds in (detected - started, finished - detected)
        )
        return [
            FrameResult(
                width=picture.image_bgr.shape[1],
                height=picture.image_bgr.shape[0],
                faces=tuple(faces[index]),
                timing=Timing(picture.decode_ms, detect_ms, classify_ms),
            )
            for index, picture in enumerate(pictures)
        ]

    def _detect(self, pictures: Sequence[Picture]) -> list[tuple[DetectedBox, ...]]:
        by_size: dict[int, list[int]] = defaultdict(list)
        for index, picture in enumerate(pictures):
            by_size[picture.image_size].append(index)
        found: list[tuple[DetectedBox, ...]] = [()] * len(pictures)
        for size, members in by_size.items():
            boxes = self._detector.detect([pictures[index].image_bgr for index in members], size)
            for index, of_picture in zip(members, boxes, strict=True):
                found[index] = of_picture
        return found

    def _classify(
        self, pictures: Sequence[Picture], found: Sequence[tuple[DetectedBox, ...]]
    ) -> list[list[Face]]:
        by_model: dict[str, list[tuple[int, DetectedBox]]] = defaultdict(list)
        for index, picture in enumerate(pictures):
            by_model[picture.model] += [(index, detected) for detected in found[index]]
        faces: list[list[Face]] = [[] for _ in pictures]
        for model, members in by_model.items():
            if not members:
                continue
            card, classifier = self._classifiers[model]
            crops = np.stack(
                [
                    crop_square_gray(pictures[index].image_bgr, detected.box, self._margin, card.input.height)
                    for index, detected in members
                ]
            )
            for (index, detected), logits in zip(members, classifier.classify(crops), strict=True):
                sure = detected.score >= self._sure_score
                faces[index].append(Face(detected.box, detected.score, logits, sure))
        return faces

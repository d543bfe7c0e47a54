"""A detector's figures on a set of images with faces."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recognition.detection import Detector
from recognition.images.decoding import read_image_bgr
from recognition.lab.data.faces import FaceImage
from recognition.lab.evaluation.detection import (
    ALL_SIZES,
    OVER_48,
    SIZE_BANDS,
    BoolArray,
    DoubleArray,
    ImageBoxes,
    Matches,
    average_precision,
    match,
    recall_at_false_rate,
)
from recognition.types import DetectedBox, UInt8Array

MIN_SCORE = 0.01  # of the boxes that a precision curve is drawn through
FALSE_RATES = ("0.1", "1.0")
WIDER = frozenset({"wider_val"})
WEBCAM = frozenset({"webcam_lowres", "webcam_office"})


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """Average precisions at an overlap of .5 as fractions, None where there is no face; `ms` is a median."""

    ap50: float | None
    ap50_by_size: dict[str, float | None]
    ap50_over_48: float | None
    ap50_without_wider: float | None
    ap50_webcam: float | None
    ap50_by_subset: dict[str, float | None]
    recall_at_fp: dict[str, float | None]
    n: int
    faces: int
    ms: float


def evaluate_detector(
    detector: Detector,
    images: Sequence[FaceImage],
    image_size: int,
    progress: Callable[[int], None] = lambda done: None,
) -> DetectionReport:
    """Run the detector over all images and report; `progress` gets the number of images done."""
    boxes, times_ms = detect_all(detector, images, image_size, progress)
    return summarize(match(boxes), images, statistics.median(times_ms))


def detect_all(
    detector: Detector,
    images: Sequence[FaceImage],
    image_size: int,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[list[ImageBoxes], list[float]]:
    """Return each image's true and found boxes, and the milliseconds that finding them took."""
    boxes, times_ms = [], []
    for done, image in enumerate(images, start=1):
        image_bgr = read_image_bgr(image.file)
        started = time.perf_counter()
        (found,) = detector.detect([image_bgr], image_size)
        times_ms.append((time.perf_counter() - started) * 1000)
        boxes.append(beside_faces(found, faces_in_pixels(image, image_bgr), image_bgr))
        progress(done)
    return boxes, times_ms


def summarize(matches: Matches, images: Sequence[FaceImage], median_ms: float) -> DetectionReport:
    """Return the figures of matched boxes; `images` in the order in which they were matched."""
    subsets = sorted({image.subset for image in images if image.subset is not None})
    return DetectionReport(
        ap50=average_precision(matches),
        ap50_by_size={name: average_precision(matches, band) for name, band in SIZE_BANDS.items()},
        ap50_over_48=average_precision(matches, OVER_48),
        ap50_without_wider=_precision_of(matches, ~of_subsets(images, WIDER)),
        ap50_webcam=_precision_of(matches, of_subsets(images, WEBCAM)),
        ap50_by_subset={name: _precision_of(matches, of_subsets(images, {name})) for name in subsets},
        recall_at_fp={rate: recall_at_false_rate(matches, float(rate)) for rate in FALSE_RATES},
        n=len(images),
        faces=len(matches.face_sizes),
        ms=round(median_ms, 2),
    )


def of_subsets(images: Sequence[FaceImage], subsets: frozenset[str] | set[str]) -> BoolArray:
    """Return for each image (images,) whether its subset is one of `subsets`."""
    return np.array([image.subset in subsets for image in images], bool)


def _precision_of(matches: Matches, chosen: BoolArray) -> float | None:
    return average_precision(matches, ALL_SIZES, chosen.astype(np.float64))


def faces_in_pixels(image: FaceImage, image_bgr: UInt8Array) -> DoubleArray:
    """Return the boxes of an image's faces (f, 4), xyxy in its pixels."""
    centre, half = image.boxes_cxcywh[:, :2], image.boxes_cxcywh[:, 2:] / 2
    boxes: DoubleArray = np.concatenate([centre - half, centre + half], axis=1) * _scale(image_bgr)
    return boxes


def beside_faces(found: Sequence[DetectedBox], faces_xyxy: DoubleArray, image_bgr: UInt8Array) -> ImageBoxes:
    """Pair an image's detections with its labeled faces (f, 4) in pixels."""
    scores = np.array([box.score for box in found], np.float64)
    return ImageBoxes(faces_xyxy, _in_pixels(found, image_bgr), scores)


def _in_pixels(found: Sequence[DetectedBox], image_bgr: UInt8Array) -> DoubleArray:
    """Return found boxes (d, 4), xyxy in the image's pixels."""
    corners = [(d.box.x, d.box.y, d.box.x + d.box.w, d.box.y + d.box.h) for d in found]
    boxes: DoubleArray = np.array(corners, np.float64).reshape(-1, 4) * _scale(image_bgr)
    return boxes


def _scale(image_bgr: UInt8Array) -> DoubleArray:
    height, width = image_bgr.shape[:2]
    return np.array([width, height, width, height], np.float64)

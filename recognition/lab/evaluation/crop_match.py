"""Measures how a detector's boxes fit an expression network's training crops, and the effect on accuracy."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.classification import Classifier
from recognition.detection import Detector
from recognition.images.decoding import crop_square
from recognition.lab.data.labelled import LabelledImages
from recognition.models.cards import Head
from recognition.types import Box, DetectedBox, UInt8Array

IntArray = npt.NDArray[np.intp]

WIDTH, HEIGHT = 640, 480
FACE_PX = 200  # the side that a crop is enlarged to: a face at a desk
PLACE = Box((WIDTH - FACE_PX) / 2 / WIDTH, (HEIGHT - FACE_PX) / 2 / HEIGHT, FACE_PX / WIDTH, FACE_PX / HEIGHT)
LEAST_IOU = 0.3  # with the crop, for a box to be the face's
BACKGROUNDS = ("blurred", "plain")
MARGINS = (-0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2, 0.25)


@dataclass(frozen=True, slots=True)
class CropMatch:
    """Shares of `n` images, and medians over those whose face was found.

    `side_ratio`: a box's longer side over the crop's; `shift_x`, `shift_y`: from the crop's middle to the
    box's, in sides of the crop. `accuracy_crop`: of the crops themselves, all of them; `accuracy_found`: of
    those whose face was found; `accuracy_by_margin`: of the same images, cut out around the box.
    """

    n: int
    found: float
    side_ratio: float
    shift_x: float
    shift_y: float
    accuracy_crop: float
    accuracy_found: float
    accuracy_by_margin: dict[str, float]


def match_crops(
    detector: Detector,
    classifier: Classifier,
    head: Head,
    data: LabelledImages,
    image_size: int,
    progress: Callable[[int], None] = lambda done: None,
    *,
    background: str = BACKGROUNDS[0],
) -> CropMatch:
    """Enlarge every crop on a canvas, find its face, cut it out again and classify it.

    `data`: gray crops (n, 48, 48) whose labels are those of `head`, one of the classifier's. `background`:
    one of BACKGROUNDS. Raises ValueError without any crop.
    """
    if not len(data.images):
        raise ValueError("There is no image to match.")
    boxes: list[Box | None] = []
    crops: dict[float, list[UInt8Array]] = {margin: [] for margin in MARGINS}
    for done, image in enumerate(data.images, start=1):
        canvas = on_canvas(image, background)
        (hits,) = detector.detect([canvas], image_size)
        box = _face(hits)
        boxes.append(box)
        if box is not None:
            for margin, cut in crops.items():
                cut.append(crop_square(canvas, box, margin, image.shape[0]))
        progress(done)
    found = np.array([box is not None for box in boxes])

    def answers(images: UInt8Array) -> IntArray:
        return np.asarray(head.logits(classifier.classify(images)).argmax(1))

    right = answers(data.images) == data.targets
    kept = [box for box in boxes if box is not None]
    sides = np.array([max(box.w * WIDTH, box.h * HEIGHT) / FACE_PX for box in kept])
    shifts = np.array([(np.array(box.center) - 0.5) * (WIDTH, HEIGHT) / FACE_PX for box in kept]).reshape(
        -1, 2
    )
    return CropMatch(
        n=len(found),
        found=float(found.mean()),
        side_ratio=_median(sides),
        shift_x=_median(shifts[:, 0]),
        shift_y=_median(shifts[:, 1]),
        accuracy_crop=float(right.mean()),
        accuracy_found=_share(right[found]),
        accuracy_by_margin={
            f"{margin:g}": _share(answers(np.stack(cut)) == data.targets[found])
            for margin, cut in crops.items()
            if cut
        },
    )


def on_canvas(image: UInt8Array, background: str) -> UInt8Array:
    """A gray crop, enlarged, in an image (480, 640, 3) filled with its blurred border or its mean."""
    large = cv2.resize(image, (FACE_PX, FACE_PX), interpolation=cv2.INTER_CUBIC)
    across, down = (WIDTH - FACE_PX) // 2, (HEIGHT - FACE_PX) // 2
    if background == "plain":
        canvas = np.full((HEIGHT, WIDTH), image.mean(), np.uint8)
    else:
        around = cv2.copyMakeBorder(large, down, down, across, across, cv2.BORDER_REPLICATE)
        # A border drawn out into stripes is no background: blurred, it is one out of focus.
        canvas = np.asarray(cv2.GaussianBlur(around, (0, 0), 12), np.uint8)
    canvas[down : down + FACE_PX, across : across + FACE_PX] = large
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR), np.uint8)


def _face(hits: tuple[DetectedBox, ...]) -> Box | None:
    """The most confident box that covers the crop; boxes come by falling score."""
    return next((hit.box for hit in hits if hit.box.iou(PLACE) >= LEAST_IOU), None)


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else 0.0

"""Detection metrics: matching, average precision by size, recall at a given rate of false boxes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recognition.detection.overlap import iou_matrix

BoolArray = npt.NDArray[np.bool_]
DoubleArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MATCH_IOU = 0.5
UNMATCHED = -1


@dataclass(frozen=True, slots=True)
class Band:
    """Sizes in pixels, a box's longer side, both ends included."""

    low: float = 0.0
    high: float = np.inf

    def holds(self, sizes: DoubleArray) -> BoolArray:
        """Return for each size whether it is in the band."""
        return (sizes >= self.low) & (sizes <= self.high)


ALL_SIZES = Band()
SIZE_BANDS = {
    "small": Band(high=np.nextafter(32.0, 0.0)),
    "medium": Band(32.0, 96.0),
    "large": Band(low=np.nextafter(96.0, np.inf)),
}
OVER_48 = Band(low=48.0)


@dataclass(frozen=True, slots=True)
class ImageBoxes:
    """One image's faces (f, 4) and found boxes (d, 4), xyxy in its pixels, and the boxes' scores (d,)."""

    faces_xyxy: DoubleArray
    found_xyxy: DoubleArray
    scores: DoubleArray


@dataclass(frozen=True, slots=True)
class Matches:
    """All images' boxes, matched. Arrays over found boxes (d,) by falling score, and over faces (f,)."""

    images: int
    scores: DoubleArray
    image_of_found: IntArray
    found_sizes: DoubleArray
    face_of_found: IntArray  # index of the matched face, or UNMATCHED
    image_of_face: IntArray
    face_sizes: DoubleArray


def match(images: Sequence[ImageBoxes], min_iou: float = MATCH_IOU) -> Matches:
    """Return each found box, by falling score, the free face that it overlaps most, if by `min_iou`."""
    faces_before = np.cumsum([0] + [len(image.faces_xyxy) for image in images])
    owners = []
    for image, first in zip(images, faces_before, strict=False):
        own = _matched_faces(image, min_iou)
        owners.append(np.where(own == UNMATCHED, UNMATCHED, own + first))
    scores = _joined([image.scores for image in images])
    order = np.argsort(-scores, kind="stable")
    return Matches(
        images=len(images),
        scores=scores[order],
        image_of_found=_index_of_owner([len(image.scores) for image in images])[order],
        found_sizes=_joined([_sizes(image.found_xyxy) for image in images])[order],
        face_of_found=_joined(owners).astype(np.intp)[order],
        image_of_face=_index_of_owner([len(image.faces_xyxy) for image in images]),
        face_sizes=_joined([_sizes(image.faces_xyxy) for image in images]),
    )


def average_precision(
    matches: Matches, band: Band = ALL_SIZES, image_weights: DoubleArray | None = None
) -> float | None:
    """Return the area under precision over recall (precision made monotone), or None without a face.

    Faces outside `band`, and boxes matched to them, are left out; an unmatched box counts when its own
    size lies in the band. `image_weights` (images,): how often each image counts, once by default.
    """
    hits, misses, faces = _counted(matches, band, image_weights)
    if faces <= 0:
        return None
    found, false = np.cumsum(hits), np.cumsum(misses)
    recall = found / faces
    precision = found / np.maximum(found + false, np.finfo(np.float64).tiny)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope))


def recall_at_false_rate(matches: Matches, false_per_image: float) -> float | None:
    """Return the best recall with so many unmatched boxes per image on average, or None without a face."""
    hits, misses, faces = _counted(matches, ALL_SIZES, None)
    if faces <= 0:
        return None
    allowed = np.cumsum(misses) <= false_per_image * matches.images
    return float((np.cumsum(hits) / faces)[allowed].max(initial=0.0))


def recall_at_score(matches: Matches, band: Band, score: float) -> float | None:
    """Return the share of the band's faces that boxes of `score` or more found, or None without a face."""
    hits, _, faces = _counted(matches, band, None)
    return float(hits[matches.scores >= score].sum() / faces) if faces > 0 else None


def interval(
    matches: Matches, band: Band, images: BoolArray, resamples: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """Return the bootstrap 95 % interval of the average precision over the chosen images (images,).

    Whole images are drawn with replacement; draws without a face are left out. None when all are.
    """
    generator = np.random.default_rng(seed)
    chosen = np.flatnonzero(images)
    values = []
    for _ in range(resamples):
        drawn = generator.choice(chosen, len(chosen))
        weights = np.bincount(drawn, minlength=matches.images).astype(np.float64)
        value = average_precision(matches, band, weights)
        if value is not None:
            values.append(value)
    if not values:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _matched_faces(image: ImageBoxes, min_iou: float) -> IntArray:
    """The index of the face that each found box takes (d,), or UNMATCHED."""
    overlaps = iou_matrix(image.found_xyxy, image.faces_xyxy)
    owner = np.full(len(image.scores), UNMATCHED, np.intp)
    if overlaps.size == 0:
        return owner
    for found in np.argsort(-image.scores, kind="stable"):
        face = int(np.argmax(overlaps[found]))
        if overlaps[found, face] >= min_iou:
            owner[found] = face
            overlaps[:, face] = 0  # taken
    return owner


def _counted(
    matches: Matches, band: Band, image_weights: DoubleArray | None
) -> tuple[DoubleArray, DoubleArray, float]:
    """Weights of right boxes and of false boxes, both (d,), and the number of faces, all within the band."""
    weights = np.ones(matches.images) if image_weights is None else image_weights
    face_counts = band.holds(matches.face_sizes)
    matched = matches.face_of_found != UNMATCHED
    right = np.zeros(len(matched), bool)
    right[matched] = face_counts[matches.face_of_found[matched]]
    false = ~matched & band.holds(matches.found_sizes)
    found_weights = weights[matches.image_of_found]
    faces = float(weights[matches.image_of_face[face_counts]].sum())
    return found_weights * right, found_weights * false, faces


def _index_of_owner(counts: Sequence[int]) -> IntArray:
    return np.repeat(np.arange(len(counts)), counts)


def _joined(parts: Sequence[DoubleArray] | Sequence[IntArray]) -> DoubleArray:
    return np.concatenate([np.zeros(0), *parts])


def _sizes(boxes_xyxy: DoubleArray) -> DoubleArray:
    sides: DoubleArray = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    longer: DoubleArray = sides.max(axis=1, initial=0.0)
    return longer


def best_threshold(matches: Matches, band: Band = ALL_SIZES) -> float | None:
    """Return the score with the greatest F1 of precision and recall, or None when nothing is right."""
    hits, misses, faces = _counted(matches, band, None)
    found, false = np.cumsum(hits), np.cumsum(misses)
    if faces <= 0 or found.size == 0 or found[-1] == 0:
        return None
    f1 = 2 * found / (found + false + faces)
    return float(matches.scores[int(np.argmax(f1))])

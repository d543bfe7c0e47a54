"""Reads several expression data sets as one training set, and the domains to measure on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from recognition.detection import Detector, open_detector
from recognition.errors import DataError, RecipeError
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.lab.data.face_crops import centered_boxes, cut_out, find_faces_once
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.split import read_split
from recognition.lab.data.squares import square_images
from recognition.lab.evaluation.webcam_changes import relit, shrunk
from recognition.lab.training.domains import Domain
from recognition.lab.training.recipe import DomainPart, MixturePart, Recipe, SourcePart
from recognition.lab.training.splits import read_training_data
from recognition.lab.training.stored_answers import stored_answers
from recognition.models.cards import Card
from recognition.models.tasks import LABEL_SETS
from recognition.served_models import ServedModels
from recognition.types import FloatArray, UInt8Array

FER7, FERPLUS8 = LABEL_SETS["fer7"], LABEL_SETS["ferplus8"]
DARK_MEAN, SOFT_SHARE, TIGHT_MARGIN = 40, 0.25, -0.1
Cut = Callable[[Card], UInt8Array]


@dataclass(frozen=True)
class Mixture:
    """Loose crops (n, side, side, 3) to train on, their targets, and the probability of drawing each.

    `targets` (n, 15): shares of fer7, then of ferplus8; zeros for a head without a label for the image.
    `chances` (n,) add up to 1. `notes`: one line for each kind of image that was left out.
    """

    images: UInt8Array
    targets: FloatArray
    chances: npt.NDArray[np.float64]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the first head."""
        return FER7


class FaceFinder:
    """The detector of the weights folder, which finds each image's face once and keeps the boxes."""

    def __init__(self, device: str = "cpu") -> None:
        self._models = ServedModels.read(default_weights_folder())
        self._device = device
        self._detector: Detector | None = None

    @property
    def margin(self) -> float:
        """The crop margin for cards without one."""
        return self._models.detector.input.margin

    def __call__(self, images: UInt8Array) -> FloatArray:
        """Return the boxes (n, 4) of RGB images of one face."""
        card = self._models.detector
        if self._detector is None:
            self._detector = open_detector(card, self._models.folder, self._device, default_cache_folder())
        return find_faces_once(images, self._detector, card.sha256, default_cache_folder() / "face_boxes")


def read_mixture(path: Path, recipe: Recipe, seed: int, finder: FaceFinder) -> Mixture:
    """Read the sources of a recipe, which are folders in `path`; raise DataError or RecipeError."""
    mixture = recipe.mixture
    if not np.isclose(sum(source.share for source in mixture.sources), 1):
        raise RecipeError("The shares of mixture.sources do not add up to 1.")
    read = [_read_source(path / source.name, source, recipe, seed, finder) for source in mixture.sources]
    return Mixture(
        np.concatenate([part.images for part in read]),
        np.concatenate([part.targets for part in read]),
        np.concatenate([part.chances for part in read]),
        tuple(note for part in read for note in part.notes),
    )


def _read_source(path: Path, source: SourcePart, recipe: Recipe, seed: int, finder: FaceFinder) -> Mixture:
    mixture = recipe.mixture
    part = msgspec.structs.replace(recipe.data, size_px=source.size_px, channels=3, labels=())
    read = read_training_data(path, part, seed)
    train = read.train
    boxes = _boxes(train.images, source.crop, source.face_margin, finder)

    def cut(card: Card) -> UInt8Array:
        taken = card.input
        if source.crop == "face":
            return square_images(train.images[..., 1], taken.height, taken.channels)
        return cut_out(train.images, boxes, taken.margin or finder.margin, taken.height, taken.channels)

    targets = _targets(train, source.name)
    if source.teachers:
        taught = np.mean([stored_answers(Path(file), cut) for file in source.teachers], axis=0)
        for head in (slice(0, len(FER7)), slice(len(FER7), None)):
            known = targets[:, head].sum(axis=1, keepdims=True) > 0
            mixed = (1 - source.teacher_share) * targets[:, head] + source.teacher_share * taught[:, head]
            targets[:, head] = np.where(known, mixed, 0)
    return Mixture(
        cut_out(train.images, boxes, mixture.loose_margin, mixture.kept_px),
        targets,
        source.share * chances(train.targets, source.balance),
        tuple(f"{source.name}: {note}" for note in read.notes),
    )


def _boxes(images: UInt8Array, crop: str, face_margin: float, finder: FaceFinder) -> FloatArray:
    return finder(images) if crop == "picture" else centered_boxes(len(images), face_margin)


def _targets(data: LabelledImages, name: str) -> FloatArray:
    """The shares (n, 15) of both heads: raters' votes where there are any, labels otherwise."""
    unknown = set(data.labels) - set(FERPLUS8)
    if unknown:
        raise DataError(f"{name} has the label {min(unknown)}, which is none of {', '.join(FERPLUS8)}.")
    of_label = [_one_of(FER7, label) + _one_of(FERPLUS8, label) for label in data.labels]
    targets = np.asarray(of_label, np.float32)[data.targets]
    if data.votes is not None:
        targets[:, len(FER7) :] = data.votes
    return targets


def _one_of(labels: Sequence[str], label: str) -> list[float]:
    return [float(label == other) for other in labels]


def chances(targets: npt.NDArray[np.int64], balance: float) -> npt.NDArray[np.float64]:
    """Return each image's probability (n,): proportional to (1 / its label's count) ** `balance`."""
    weights = np.bincount(targets).clip(1)[targets].astype(np.float64) ** -balance
    return np.asarray(weights / weights.sum(), np.float64)


def read_domains(
    path: Path, mixture: MixturePart, size_px: int, finder: FaceFinder, *, whole: bool = False
) -> list[Domain]:
    """Read the domains of a recipe, which are folders in `path`, cropped to `size_px`; raise DataError.

    With `whole`, their limits are ignored.
    """
    parts = [msgspec.structs.replace(part, limit=0) if whole else part for part in mixture.domains]
    return [_read_domain(path / part.source, part, mixture.margin, size_px, finder) for part in parts]


def _read_domain(path: Path, part: DomainPart, margin: float, size_px: int, finder: FaceFinder) -> Domain:
    asked = read_split(path, part.split, LABEL_SETS[part.label_set], part.size_px, 3).data
    asked = asked.by_majority() if part.label_set == "ferplus8" and asked.votes is not None else asked
    if part.limit:
        chosen = np.random.default_rng(0).permutation(len(asked))[: part.limit]
        asked = asked.at(np.sort(chosen))
    pictures = np.stack([_changed(image, part.change) for image in asked.images])
    if part.crop == "face":
        boxes, margin = centered_boxes(len(asked), 0.0), 0.0
    else:
        # Faces are found in the unchanged images.
        boxes = finder(asked.images)
    margin = TIGHT_MARGIN if part.change == "tight" else margin
    names = asked.names if asked.names is not None else np.arange(len(asked)).astype(np.str_)
    return Domain(part, cut_out(pictures, boxes, margin, size_px), asked.targets, names)


def _changed(image: UInt8Array, change: str) -> UInt8Array:
    if change == "dark":
        return np.asarray(np.rint(relit(image, min(DARK_MEAN / max(float(image.mean()), 1), 1))), np.uint8)
    return shrunk(image, SOFT_SHARE) if change == "soft" else image

"""A trained network's predictions for the held-out images, stored so that a report needs nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from recognition.lab.data.labelled import LabelledImages
from recognition.lab.evaluation.metrics import summarise
from recognition.lab.evaluation.test_time_augmentation import tta_logits
from recognition.models.cards import Card
from recognition.models.labels import softmax
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray, UInt8Array

SAMPLES = 12
SAMPLE_SIDE_PX = 96


@dataclass(frozen=True)
class Answers:
    """Logits (n, labels) and right answers (n,) of one split; `key` names weights, split and augmentation.

    `samples`: numbers of the images that the report shows, the same for every network on the same split;
    `images` and `names` are theirs.
    """

    key: str
    labels: tuple[str, ...]
    logits: FloatArray
    targets: npt.NDArray[np.int64]
    samples: npt.NDArray[np.int64]
    images: UInt8Array
    names: tuple[str, ...]

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The answered label's number for each image."""
        return np.asarray(self.logits.argmax(axis=1), np.int64)

    @property
    def figures(self) -> dict[str, Any]:
        """Accuracy, macro figures and confusion, as `evaluate` prints them."""
        return summarise(softmax(self.logits), self.targets, self.labels, 0)

    def save(self, file: Path) -> None:
        """Write everything as plain arrays."""
        np.savez_compressed(
            file,
            key=np.array(self.key),
            labels=np.array(self.labels),
            logits=self.logits,
            targets=self.targets,
            samples=self.samples,
            pictures=self.images,
            names=np.array(self.names),
        )

    @classmethod
    def load(cls, file: Path, key: str) -> "Answers | None":
        """Read answers back; None where there are none with this key."""
        if not file.is_file():
            return None
        with np.load(file, allow_pickle=False) as arrays:
            if str(arrays["key"]) != key:
                return None
            return cls(
                key=key,
                labels=tuple(arrays["labels"].tolist()),
                logits=arrays["logits"],
                targets=arrays["targets"],
                samples=arrays["samples"],
                images=arrays["pictures"],
                names=tuple(arrays["names"].tolist()),
            )


def answer(
    card: Card, folder: Path, held_out: LabelledImages, *, key: str, views: str, device: str, seed: int
) -> Answers:
    """Classify the held-out images with a card's network, from its written weights."""
    network = FromPixels(load_network(card, folder), card.input, len(card.labels))
    samples = choose_samples(held_out.targets, seed)
    return Answers(
        key=key,
        labels=card.labels,
        logits=tta_logits(network, held_out.images, views, torch.device(device)),
        targets=held_out.targets,
        samples=samples,
        images=np.stack([_thumbnail(image) for image in held_out.images[samples]]),
        names=tuple(
            f"image {number + 1}" if held_out.names is None else str(held_out.names[number])
            for number in samples
        ),
    )


def choose_samples(targets: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """Draw up to SAMPLES image numbers at random, balanced over the labels."""
    order = np.random.default_rng(seed).permutation(len(targets))
    turn = np.zeros(len(targets), np.int64)
    for label in np.unique(targets):
        members = order[targets[order] == label]
        turn[members] = np.arange(len(members))
    drawn = order[np.argsort(turn[order], kind="stable")][:SAMPLES]
    return drawn[np.argsort(targets[drawn], kind="stable")]


def _thumbnail(image: UInt8Array) -> UInt8Array:
    if image.shape[0] <= SAMPLE_SIDE_PX:
        return image
    small = cv2.resize(image, (SAMPLE_SIDE_PX, SAMPLE_SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)

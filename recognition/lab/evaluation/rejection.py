"""Measures how well a whole-image model keeps its own kind of images and rejects any other."""

import hashlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from recognition.errors import DataError
from recognition.images.files import images_below
from recognition.lab.data.split import read_split
from recognition.lab.data.squares import read_images
from recognition.models.cards import Card, Head
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray, UInt8Array

HALVES = ("choose", "report")
BATCH = 64


def _calibrated(head: Head, outputs: FloatArray) -> FloatArray:
    return head.calibration.probabilities(head.logits(outputs))


def _margin(head: Head, outputs: FloatArray) -> FloatArray:
    ordered = np.sort(head.logits(outputs), axis=-1)
    return np.asarray(ordered[..., -1] - ordered[..., -2], np.float32)


def _energy(head: Head, outputs: FloatArray) -> FloatArray:
    return np.asarray(np.logaddexp.reduce(head.logits(outputs), axis=-1), np.float32)


# What an image can be rejected by, each high for images of the model's kind. `confidence` is the one served.
SCORES: dict[str, Callable[[Head, FloatArray], FloatArray]] = {
    "confidence": lambda head, outputs: np.asarray(head.probabilities(outputs).max(axis=-1), np.float32),
    "max_probability": lambda head, outputs: np.asarray(_calibrated(head, outputs).max(axis=-1), np.float32),
    "max_logit": lambda head, outputs: np.asarray(head.logits(outputs).max(axis=-1), np.float32),
    "energy": _energy,
    "margin": _margin,
}


class Images:
    """Squares as a card's network takes them, their files' names, and one line for each file left out."""

    def __init__(
        self, pixels: UInt8Array, names: npt.NDArray[np.str_], unreadable: tuple[str, ...] = ()
    ) -> None:
        self.pixels, self.names, self.unreadable = pixels, names, unreadable


def read_unknown(folder: Path, card: Card) -> Images:
    """Read every image below a folder, whatever it shows; raise DataError where there is none."""
    files = images_below(folder) if folder.is_dir() else []
    pixels, readable, unreadable = read_images(files, card.input.height, card.input.channels)
    if not len(pixels):
        raise DataError(f"{folder} has no readable image; pass a folder of images that show no {card.task}.")
    names = np.array([file.name for file in files], np.str_)[readable]
    return Images(pixels, names, unreadable)


def read_known(data: Path, split: str | None, card: Card) -> Images:
    """Read one split of the data that a card's model was trained for. Raises DataError."""
    chosen = read_split(data, split, card.labels, card.input.height, card.input.channels)
    if not len(chosen.data):
        raise DataError(f"{data} has no image of the model's labels in {chosen.name}; choose another split.")
    return Images(chosen.data.images, np.asarray(chosen.data.names), chosen.unreadable)


def open_outputs(card: Card, folder: Path, device: str) -> Callable[[UInt8Array], FloatArray]:
    """Return a function from pixels to all outputs (n, outputs) of a card's network."""
    network = FromPixels(load_network(card, folder), card.input).eval().to(device)

    def outputs(pixels: UInt8Array) -> FloatArray:
        with torch.inference_mode():
            parts = [
                network(torch.from_numpy(pixels[start : start + BATCH]).to(device)).cpu().numpy()
                for start in range(0, len(pixels), BATCH)
            ]
        return np.concatenate(parts).astype(np.float32)

    return outputs


def half_of(name: str) -> str:
    """Return the half that an image belongs to, by a hash of its file's name: the same in every run."""
    return HALVES[hashlib.sha256(name.encode()).digest()[0] % 2]


def threshold_keeping(scores: FloatArray, share: float) -> float:
    """Return the highest threshold in hundredths that keeps at least `share` of the scores."""
    lowest_kept = float(np.sort(scores)[math.floor((1 - share) * len(scores) + 1e-9)])
    return math.floor(lowest_kept * 100) / 100


def auroc(known: FloatArray, unknown: FloatArray) -> float:
    """Return how often a known image scores higher than an unknown one, ties counting half."""
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")
    return float(below.mean() / (2 * len(unknown)))


def compare_scores(
    head: Head,
    val: FloatArray,
    test: FloatArray,
    unknown: Mapping[str, tuple[FloatArray, npt.NDArray[np.str_]]],
    keep: float,
) -> dict[str, Any]:
    """Report each score's threshold on `val`, the shares of `test` kept and of `unknown` rejected.

    `unknown` has the outputs and the files' names of each folder. The threshold keeps the share `keep` of
    `val`; AUROC and rejected share of half of the unknown images are there to choose by, those of the other
    half to report. `served` is the card's rule at its own threshold.
    """
    halves = {name: np.array([half_of(file) for file in files]) for name, (_, files) in unknown.items()}

    def of_half(score: Callable[[Head, FloatArray], FloatArray], half: str) -> dict[str, FloatArray]:
        return {name: score(head, logits[halves[name] == half]) for name, (logits, _) in unknown.items()}

    def row(score: Callable[[Head, FloatArray], FloatArray], threshold: float) -> dict[str, Any]:
        choose, report = (of_half(score, half) for half in HALVES)
        return {
            "threshold": threshold,
            "kept_val": _share(score(head, val) >= threshold),
            "kept_test": _share(score(head, test) >= threshold),
            "auroc_choose": round(auroc(score(head, val), np.concatenate([*choose.values()])), 4),
            "rejected_choose": _share(np.concatenate([*choose.values()]) < threshold),
            "rejected_report": _share(np.concatenate([*report.values()]) < threshold),
            "rejected_by_folder": {name: _share(scores < threshold) for name, scores in report.items()},
        }

    return {
        "n": {
            "val": len(val),
            "test": len(test),
            **{half: int(sum((marks == half).sum() for marks in halves.values())) for half in HALVES},
        },
        "scores": {
            name: row(score, threshold_keeping(score(head, val), keep)) for name, score in SCORES.items()
        },
        "served": row(SCORES["confidence"], head.uncertain_below),
    }


def _share(hits: npt.NDArray[np.bool_]) -> float | None:
    return round(float(hits.mean()), 4) if hits.size else None

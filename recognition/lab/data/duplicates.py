"""Images that occur in two splits: identical pixels, or nearly equal by a difference hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.lab.data.labelled import LabelledImages
from recognition.types import UInt8Array

_HASH_SIDE = 16
HASH_BITS = _HASH_SIDE * _HASH_SIDE
# Of 256 bits. In FER2013 pairs up to here, and most up to 30, are one photograph with other crops, marks or
# brightness, and from 36 on mostly two people. Different images come nearest where little is to be seen:
# signs of two people before plain walls, from 15 on. So what differs is not called a copy; some are missed.
NEAR_BITS = 14
_BLOCK = 512  # rows compared at a time: 512 x 3,589 distances are a few megabytes


@dataclass(frozen=True)
class Duplicates:
    """Which of n images are also held out: equal to the pixel (n,), or nearly equal and not equal (n,).

    `partners` (n,): the number of the held-out image that each is equal to, or nearest to; -1 for neither.
    """

    exact: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    partners: npt.NDArray[np.int64]


@dataclass(frozen=True)
class SharedImages:
    """What two splits share: pairs of names, the first split's image before the second's."""

    splits: tuple[str, str]
    exact: tuple[tuple[str, str], ...]
    near: tuple[tuple[str, str], ...]


def report_duplicates(
    by_split: Mapping[str, LabelledImages], near_bits: int = NEAR_BITS
) -> tuple[SharedImages, ...]:
    """Compare every split with every other one; an image appears once a pair of splits."""
    shared = []
    for first, second in combinations(by_split, 2):
        images, others = by_split[first], by_split[second]
        found = find_duplicates(images, others, near_bits)
        exact, near = (
            tuple(
                (_name(images, n), _name(others, int(found.partners[n])))
                for n in map(int, np.flatnonzero(mask))
            )
            for mask in (found.exact, found.near)
        )
        shared.append(SharedImages((first, second), exact, near))
    return tuple(shared)


def find_duplicates(
    train: LabelledImages, held_out: LabelledImages, near_bits: int = NEAR_BITS
) -> Duplicates:
    """Find the training images that equal a held-out one, or whose hash differs in at most `near_bits`."""
    if not len(train) or not len(held_out):
        nothing = np.zeros(len(train), np.bool_)
        return Duplicates(nothing, nothing.copy(), np.full(len(train), -1, np.int64))
    equal_to = equal_partners(train, held_out)
    exact = equal_to >= 0
    numbers, bits = nearest(difference_hashes(train.images), difference_hashes(held_out.images))
    near = (bits <= near_bits) & ~exact
    return Duplicates(exact, near, np.where(near, numbers, equal_to))


def equal_partners(train: LabelledImages, held_out: LabelledImages) -> npt.NDArray[np.int64]:
    """Return for each training image (n,) the number of a held-out one that equals it to the pixel, or -1."""
    known = {digest: number for number, digest in enumerate(_digests(held_out.images))}
    return np.array([known.get(digest, -1) for digest in _digests(train.images)], np.int64)


def is_blank(images: UInt8Array) -> npt.NDArray[np.bool_]:
    """Mark the images (n,) whose pixels all have one value."""
    pixels = images.reshape(len(images), -1)
    return np.asarray(pixels.min(axis=1) == pixels.max(axis=1), np.bool_)


def difference_hashes(images: UInt8Array) -> npt.NDArray[np.uint64]:
    """Hash images to (n, 4) words: 256 bits, each telling whether a cell is brighter than its left one.

    Brightness, contrast, size and compression barely change it; another crop or a mirror does.
    """
    bits = np.empty((len(images), _HASH_SIDE, _HASH_SIDE), np.bool_)
    for number, image in enumerate(images):
        gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        # Floats keep the fractions that would otherwise round neighboring cells to ties.
        cells = cv2.resize(
            gray.astype(np.float32), (_HASH_SIDE + 1, _HASH_SIDE), interpolation=cv2.INTER_AREA
        )
        bits[number] = cells[:, 1:] > cells[:, :-1]
    return np.packbits(bits.reshape(len(images), HASH_BITS), axis=1).view(np.uint64)


def nearest(
    hashes: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return for each hash the number of the nearest other one, and how many bits differ."""
    numbers = np.empty(len(hashes), np.int64)
    distances = np.empty(len(hashes), np.int64)
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK]
        bits = np.zeros((len(block), len(others)), np.uint16)
        for word in range(hashes.shape[1]):
            bits += np.bitwise_count(block[:, word, np.newaxis] ^ others[:, word])
        numbers[start : start + _BLOCK] = bits.argmin(axis=1)
        distances[start : start + _BLOCK] = bits.min(axis=1)
    return numbers, distances


def _digests(images: UInt8Array) -> list[bytes]:
    return [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]


def _name(data: LabelledImages, number: int) -> str:
    return f"image {number}" if data.names is None else str(data.names[number])

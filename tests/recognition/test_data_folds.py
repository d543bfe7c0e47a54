"""Folds of images: by image and by person."""

import numpy as np
import pytest

from recognition.errors import DataError
from recognition.lab.data.folds import folds
from recognition.lab.data.labelled import LabelledImages


def images(count: int, persons: int = 6) -> LabelledImages:
    targets = np.arange(count) % 3
    groups = np.array([f"person {number // 3 % persons}" for number in range(count)])
    return LabelledImages(np.zeros((count, 4, 4), np.uint8), targets, ("a", "b", "c"), groups=groups)


@pytest.mark.parametrize("by_group", [False, True])
def test_every_image_is_held_out_once_with_its_share_of_each_label(by_group: bool) -> None:
    data = images(36)

    pairs = list(folds(data, 3, by_group, seed=0))

    assert sorted(np.concatenate([val for _, val in pairs]).tolist()) == list(range(36))
    for train, val in pairs:
        assert sorted([*train.tolist(), *val.tolist()]) == list(range(36))
        assert np.bincount(data.targets[val]).tolist() == [4, 4, 4]


def test_nobody_is_on_both_sides_of_a_fold_by_group() -> None:
    data = images(36)
    assert data.groups is not None

    for train, val in folds(data, 3, True, seed=0):
        assert not set(data.groups[train]) & set(data.groups[val])


def test_the_same_seed_gives_the_same_folds() -> None:
    first, again, other = (
        [val.tolist() for _, val in folds(images(30), 5, False, seed)] for seed in (1, 1, 2)
    )

    assert first == again != other


@pytest.mark.parametrize(
    ("data", "count", "by_group", "named"),
    [
        (images(9), 5, False, "a has 3 images"),
        (images(36, persons=2), 3, True, "fewer than 3 groups"),
        (LabelledImages(np.zeros((6, 4, 4), np.uint8), np.zeros(6, np.int64), ("a",)), 2, True, "need them"),
        (images(9), 1, False, "2 or more"),
    ],
)
def test_too_few_images_or_persons_are_refused(
    data: LabelledImages, count: int, by_group: bool, named: str
) -> None:
    with pytest.raises(DataError, match=named):
        list(folds(data, count, by_group, seed=0))

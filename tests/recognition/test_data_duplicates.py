"""Copies across splits, exact and near, and the command that reports them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.cli.main import main
from recognition.lab.data.duplicates import (
    NEAR_BITS,
    difference_hashes,
    find_duplicates,
    nearest,
    report_duplicates,
)
from recognition.lab.data.labelled import LabelledImages
from recognition.types import UInt8Array


def scenes(count: int, seed: int, channels: int = 1, size_px: int = 32) -> LabelledImages:
    """Images with large soft shapes, as photographs have, and unlike one another."""
    random = np.random.default_rng(seed)
    shape = (count, 6, 6) if channels == 1 else (count, 6, 6, 3)
    images = np.stack(
        [
            cv2.resize(small, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
            for small in random.integers(40, 200, shape, np.uint8)
        ]
    )
    names = np.array([f"{seed}/{number}" for number in range(count)])
    return LabelledImages(images, np.zeros(count, np.int64), ("one",), names)


def brighter(image: UInt8Array) -> UInt8Array:
    return np.asarray(image + np.uint8(20), np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_equal_and_nearly_equal_images_are_distinguished(channels: int) -> None:
    train, held_out = scenes(12, 0, channels), scenes(7, 1, channels)
    train.images[3] = held_out.images[5]
    train.images[8] = brighter(held_out.images[2])

    found = find_duplicates(train, held_out)

    assert np.flatnonzero(found.exact).tolist() == [3]
    assert np.flatnonzero(found.near).tolist() == [8]
    assert (found.partners[3], found.partners[8]) == (5, 2)
    assert (np.delete(found.partners, [3, 8]) == -1).all()


def test_no_images_have_no_copies() -> None:
    nothing = scenes(2, 0).at(np.array([], np.int64))

    assert not find_duplicates(scenes(2, 0), nothing).exact.any()
    assert len(find_duplicates(nothing, scenes(2, 0)).near) == 0


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(1, 1100), st.integers(1, 9))
def test_the_nearest_hash_is_the_one_with_fewest_other_bits(seed: int, count: int, others: int) -> None:
    random = np.random.default_rng(seed)
    hashes, known = (random.integers(0, 2**63, (n, 4)).astype(np.uint64) for n in (count, others))

    numbers, bits = nearest(hashes, known)

    chosen = [0, count // 2, count - 1]
    for number in chosen:
        distances = [
            sum(int(a ^ b).bit_count() for a, b in zip(hashes[number], k, strict=True)) for k in known
        ]
        assert bits[number] == min(distances)
        assert numbers[number] == distances.index(min(distances))


def test_a_hash_outlives_jpeg_and_other_sizes_but_not_a_mirror() -> None:
    (image,) = scenes(1, 3, size_px=96).images
    code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    compressed = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    assert compressed is not None
    smaller = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)

    hashes = [
        difference_hashes(np.asarray(i)[np.newaxis]) for i in (image, compressed, smaller, image[:, ::-1])
    ]
    _, bits = nearest(np.concatenate(hashes[1:]), hashes[0])

    assert (bits[:2] <= NEAR_BITS).all()
    assert bits[2] > 60


def test_a_report_names_the_pairs_of_every_two_splits() -> None:
    splits = {"train": scenes(5, 0), "val": scenes(4, 1), "test": scenes(3, 2)}
    splits["train"].images[1] = splits["test"].images[2]
    splits["val"].images[0] = brighter(splits["test"].images[1])

    shared = {pair.splits: pair for pair in report_duplicates(splits)}

    assert set(shared) == {("train", "val"), ("train", "test"), ("val", "test")}
    assert shared["train", "test"].exact == (("0/1", "2/2"),)
    assert shared["val", "test"].near == (("1/0", "2/1"),)
    assert shared["train", "val"].exact == shared["train", "val"].near == ()


def test_the_command_prints_counts_and_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for split, seed in (("train", 0), ("val", 1)):
        (tmp_path / split / "one").mkdir(parents=True)
        for number, image in enumerate(scenes(3, seed).images):
            cv2.imwrite(str(tmp_path / split / "one" / f"{number}.png"), image)
    copied = (tmp_path / "val/one/2.png").read_bytes()
    (tmp_path / "train/one/0.png").write_bytes(copied)

    assert main(["duplicates", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines == [
        "train and val: 1 equal, 0 nearly equal",
        "  train/one/0.png - val/one/2.png (equal)",
    ]


def test_the_command_says_when_there_is_one_split_and_counts_bad_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one").mkdir()
    cv2.imwrite(str(tmp_path / "one" / "0.png"), scenes(1, 0).images[0])
    (tmp_path / "one" / "cut.jpg").write_bytes(b"\xff\xd8\xff")

    assert main(["duplicates", "--data", str(tmp_path)]) == 1
    printed = capsys.readouterr()

    assert "one split" in printed.out
    assert "cut.jpg" in printed.err

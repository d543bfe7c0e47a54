"""What a recipe learns from: which images are kept, left out and drawn."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.errors import DataError, RecipeError
from recognition.lab.training.recipe import DataPart
from recognition.lab.training.splits import read_training_data

SIDE_PX = 16


def write_images(folder: Path, split: str, counts: dict[str, int], seed: int) -> None:
    """Write images of noise, as many of each label as `counts` says."""
    random = np.random.default_rng(seed)
    for label, count in counts.items():
        (folder / split / label).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 255, (SIDE_PX, SIDE_PX), np.uint8)
            cv2.imwrite(str(folder / split / label / f"{number:03}.png"), pixels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_images(tmp_path, "train", {"cat": 40, "dog": 20}, 0)
    write_images(tmp_path, "val", {"cat": 4, "dog": 4}, 1)
    write_images(tmp_path, "test", {"cat": 3, "dog": 3}, 2)
    return tmp_path


def test_each_split_is_what_its_name_says(data: Path) -> None:
    images = read_training_data(data, DataPart(size_px=SIDE_PX), 0)

    assert (len(images.train), len(images.val), len(images.others["test"])) == (60, 8, 6)
    assert (images.train_name, images.val_name) == ("train", "val")
    assert images.val.labels == ("cat", "dog")


@pytest.mark.parametrize(("leave_out", "kept"), [("none", 59), ("exact", 58), ("near", 57)])
def test_copies_of_validation_images_and_blank_ones_are_left_out(
    data: Path, leave_out: str, kept: int
) -> None:
    copied = cv2.imread(str(data / "val/dog/000.png"), cv2.IMREAD_GRAYSCALE)
    assert copied is not None
    # A little noise can change no bit of the hash only where neighbours differ by more than it.
    cv2.imwrite(str(data / "train/cat/000.png"), copied)
    cv2.imwrite(str(data / "train/cat/001.png"), np.clip(copied.astype(int) + 3, 0, 255).astype(np.uint8))
    cv2.imwrite(str(data / "train/dog/000.png"), np.zeros_like(copied))

    images = read_training_data(data, DataPart(size_px=SIDE_PX, leave_out=leave_out), 0)  # type: ignore[arg-type]

    assert len(images.train) == kept
    assert any("blank" in note for note in images.notes)


def test_a_limit_draws_the_same_share_of_each_label(data: Path) -> None:
    part = DataPart(size_px=SIDE_PX, limit=30)
    images = read_training_data(data, part, 0)

    assert np.bincount(images.train.targets).tolist() == [20, 10]
    np.testing.assert_array_equal(read_training_data(data, part, 0).train.images, images.train.images)
    assert not np.array_equal(read_training_data(data, part, 1).train.images, images.train.images)


def test_a_limit_under_the_number_of_labels_is_refused(data: Path) -> None:
    with pytest.raises(RecipeError, match=r"data\.limit"):
        read_training_data(data, DataPart(size_px=SIDE_PX, limit=1), 0)


def test_a_split_that_is_not_there_is_named_with_those_that_are(data: Path) -> None:
    with pytest.raises(DataError, match=r"holdout.*test, train, val"):
        read_training_data(data, DataPart(size_px=SIDE_PX, val_split="holdout"), 0)


def test_files_that_cannot_be_read_are_named_before_training(data: Path) -> None:
    for file in ("train/cat/cut.jpg", "val/dog/empty.png"):
        (data / file).touch()

    notes = read_training_data(data, DataPart(size_px=SIDE_PX), 0).notes

    skipped = [note.split(":")[0] for note in notes if note.startswith("skipped ")]
    assert skipped == [f"skipped {data / 'train/cat/cut.jpg'}", f"skipped {data / 'val/dog/empty.png'}"]

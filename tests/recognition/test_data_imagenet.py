"""ImageNet's validation folder: class numbers in the order of published weights, a batch at a time."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.errors import DataError
from recognition.lab.data.imagenet import IDS_FILE, ImageNetValidation, centre_square

# Three of the thousand classes, and their numbers in published weights.
TENCH, GOLDFISH, TISSUE = "n01440764", "n01443537", "n15075141"


def write_validation(folder: Path, classes: list[str]) -> Path:
    """Write one grey image a class, 10 times its number bright, and the solution beside the folder."""
    (folder / "val").mkdir()
    lines = ["ImageId,PredictionString"]
    for number, class_id in enumerate(classes):
        name = f"ILSVRC2012_val_{number + 1:08}"
        image = np.full((60, 90, 3), 10 * number, np.uint8)
        cv2.imwrite(str(folder / "val" / f"{name}.JPEG"), image)
        lines.append(f"{name},{class_id} 1 2 30 40 {class_id} 5 6 70 80 ")
    (folder / "LOC_val_solution.csv").write_text("\n".join(lines) + "\n")
    return folder / "LOC_val_solution.csv"


def targets_of(validation: ImageNetValidation) -> list[int]:
    return np.concatenate([targets for _, targets in validation]).tolist()


def test_ids_become_the_numbers_of_published_weights(tmp_path: Path) -> None:
    solution = write_validation(tmp_path, [GOLDFISH, TISSUE, TENCH])

    validation = ImageNetValidation(tmp_path / "val", solution, batch=2, resize_px=40, crop_px=32)
    batches = list(validation)

    assert [images.shape for images, _ in batches] == [(2, 32, 32, 3), (1, 32, 32, 3)]
    assert targets_of(validation) == [1, 999, 0]
    assert [int(images[0, 0, 0, 0]) for images, _ in batches] == [0, 20]
    assert len(IDS_FILE.read_text().split()) == 1000


def test_a_small_net_takes_the_ids_that_are_used_or_those_of_the_mapping(tmp_path: Path) -> None:
    solution = write_validation(tmp_path, [GOLDFISH, TENCH])
    assert targets_of(ImageNetValidation(tmp_path / "val", solution, classes=2)) == [1, 0]

    (tmp_path / "LOC_synset_mapping.txt").write_text(f"{TENCH} tench\nn01441000 other\n{GOLDFISH} goldfish\n")
    assert targets_of(ImageNetValidation(tmp_path / "val", solution, classes=3)) == [2, 0]

    with pytest.raises(DataError, match="network of 5 classes"):
        ImageNetValidation(tmp_path / "val", solution, classes=5)


def test_unreadable_and_missing_images_are_skipped_and_reported(tmp_path: Path) -> None:
    solution = write_validation(tmp_path, [TENCH, GOLDFISH, TISSUE])
    first, second = sorted((tmp_path / "val").iterdir())[:2]
    first.write_bytes(b"\xff\xd8\xff")
    second.unlink()

    validation = ImageNetValidation(tmp_path / "val", solution, batch=1)

    assert targets_of(validation) == [999]
    assert validation.without_image == 1
    assert len(validation.unreadable) == 1
    assert first.name in validation.unreadable[0]


@pytest.mark.parametrize(
    ("content", "named"),
    [("", "columns"), ("ImageId,PredictionString\nx,\n", "line 2"), ("ImageId\nx\n", "columns")],
)
def test_a_file_that_is_no_solution_is_one_clear_error(tmp_path: Path, content: str, named: str) -> None:
    (tmp_path / "LOC_val_solution.csv").write_text(content)

    with pytest.raises(DataError, match=named):
        ImageNetValidation(tmp_path, tmp_path / "LOC_val_solution.csv")


def test_missing_files_and_strange_folders_are_refused(tmp_path: Path) -> None:
    solution = write_validation(tmp_path, [TENCH])
    (tmp_path / "empty").mkdir()

    for folder, table, named in (
        (tmp_path / "val", tmp_path / "none.csv", "is missing"),
        (tmp_path / "none", solution, "is no folder"),
        (tmp_path / "empty", solution, "no image"),
    ):
        with pytest.raises(DataError, match=named):
            ImageNetValidation(folder, table)


def test_the_shorter_side_is_scaled_and_the_middle_given() -> None:
    image_bgr = np.zeros((40, 100, 3), np.uint8)
    image_bgr[:, 30:70, 2] = 250

    square = centre_square(image_bgr, 20, 20)

    assert square.shape == (20, 20, 3)
    assert (square[:, 1:-1] == [250, 0, 0]).all()

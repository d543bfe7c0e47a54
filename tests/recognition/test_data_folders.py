"""Folders of images: every layout that is known, and what is refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import DataError
from recognition.images.decoding import square_image
from recognition.lab.data.data_set import read_data_set
from recognition.lab.data.layout import lay_out
from recognition.lab.data.split import read_split
from recognition.lab.data.squares import read_images


def write_images(folder: Path, count: int, seed: int = 0, prefix: str = "") -> None:
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        image = random.integers(0, 256, (10, 14, 3), np.uint8)
        cv2.imwrite(str(folder / f"{prefix}{number}.png"), image)


def write_tree(root: Path, counts: Mapping[str, int]) -> Path:
    """Write so many images into each folder below `root`."""
    for seed, (place, count) in enumerate(counts.items()):
        write_images(root / place, count, seed)
    return root


def test_splits_keep_their_names_and_share_their_labels(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 3, "train/dog": 2, "val/cat": 1, "val/dog": 1, "test/dog": 2})

    data_set = read_data_set(tmp_path, size_px=8, channels=1)

    assert (data_set.name, data_set.train_split, data_set.val_split) == (tmp_path.name, "train", "val")
    assert {name: split.targets.tolist() for name, split in data_set.splits.items()} == {
        "train": [0, 0, 0, 1, 1],
        "val": [0, 1],
        "test": [1, 1],
    }
    assert {split.labels for split in data_set.splits.values()} == {("cat", "dog")}
    assert data_set.splits["train"].images.shape == (5, 8, 8)
    assert data_set.notes == ("test: no images of cat",)


def test_images_are_named_by_their_place(tmp_path: Path) -> None:
    names = read_data_set(
        write_tree(tmp_path, {"train/cat": 1, "val/cat/more": 1}), size_px=8, channels=1
    ).splits

    assert [str(split.names[0]) for split in names.values() if split.names is not None] == [
        "train/cat/0.png",
        "val/cat/more/0.png",
    ]


@pytest.mark.parametrize("inside", ["pets", "pets/pets"])
def test_a_folder_that_holds_one_folder_only_is_entered(tmp_path: Path, inside: str) -> None:
    write_tree(tmp_path / inside, {"train/cat": 1, "val/cat": 1, "__MACOSX": 0})

    assert read_data_set(tmp_path, size_px=8, channels=1).name == "pets"


def test_kaggles_names_for_splits_are_known_and_images_without_labels_left_out(tmp_path: Path) -> None:
    write_tree(tmp_path, {"seg_train/seg_train/sea": 2, "seg_test/seg_test/sea": 1, "seg_pred/seg_pred": 3})

    data_set = read_data_set(tmp_path, size_px=8, channels=3)

    assert {name: len(split) for name, split in data_set.splits.items()} == {"seg_train": 2, "seg_test": 1}
    assert (data_set.train_split, data_set.val_split) == ("seg_train", "")


def test_a_split_of_images_without_labels_is_left_out_and_reported(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 1, "val/cat": 1, "test": 2})

    data_set = read_data_set(tmp_path, size_px=8, channels=1)

    assert set(data_set.splits) == {"train", "val"}
    assert data_set.notes == ("test: left out, it has no label folders",)


def test_only_the_splits_asked_for_are_read_with_the_labels_of_training(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 1, "train/dog": 1, "val/dog": 1})

    splits = read_data_set(tmp_path, size_px=8, channels=1, splits=("val",)).splits

    assert set(splits) == {"val"}
    assert splits["val"].targets.tolist() == [1]
    with pytest.raises(DataError, match="no split test"):
        read_data_set(tmp_path, size_px=8, channels=1, splits=("test",))


def test_labels_may_be_chosen_and_ordered(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 1, "train/dog": 2, "train/owl": 1, "val/dog": 1, "val/cat": 1})

    data_set = read_data_set(tmp_path, size_px=8, channels=1, labels=("dog", "cat"))

    assert data_set.splits["train"].targets.tolist() == [1, 0, 0]
    assert data_set.notes == ("train: 1 images of other labels left out (owl)",)


@pytest.mark.parametrize(
    ("counts", "labels", "named"),
    [
        ({"train/cat": 1, "train/dog": 0, "val/cat": 1}, (), "train/dog"),
        ({"train/cat": 1, "val/cat": 0}, (), "val/cat"),
        ({"train/cat": 1, "val/cat": 1, "val/owl": 1}, (), "val/owl"),
        ({"train/cat": 1, "val/cat": 1}, ("cat", "owl"), "owl"),
        ({"train": 2, "val": 1}, (), "train, val"),
        ({"": 2}, (), "no folders"),
        ({"cat": 2, "dog": 0}, (), "dog"),
    ],
)
def test_an_empty_or_unknown_label_is_one_error_that_names_it(
    tmp_path: Path, counts: dict[str, int], labels: tuple[str, ...], named: str
) -> None:
    with pytest.raises(DataError, match=named):
        read_data_set(write_tree(tmp_path, counts), size_px=8, channels=1, labels=labels)


def test_a_file_or_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        read_data_set(tmp_path / "nowhere", size_px=8, channels=1)
    with pytest.raises(DataError, match=r"some\.csv is missing"):
        read_data_set(tmp_path / "some.csv", size_px=8, channels=1)


def test_corrupt_files_are_listed_and_skipped(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 2, "val/cat": 1})
    (tmp_path / "train/cat/cut.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "train/cat/empty.png").touch()
    (tmp_path / "train/cat/notes.txt").write_text("no image")

    data_set = read_data_set(tmp_path, size_px=8, channels=1)

    assert len(data_set.splits["train"]) == 2
    assert [Path(line.split(":")[0]).name for line in data_set.unreadable] == ["cut.jpg", "empty.png"]
    assert data_set.notes == ("train: 2 files could not be read and were skipped",)


def test_a_label_of_corrupt_files_only_is_empty(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 2, "train/dog": 0, "val/cat": 1})
    (tmp_path / "train/dog/cut.jpg").write_bytes(b"\xff\xd8\xff")

    with pytest.raises(DataError, match="train/dog"):
        read_data_set(tmp_path, size_px=8, channels=1)


def test_label_folders_alone_are_one_split_or_split_label_by_label(tmp_path: Path) -> None:
    write_tree(tmp_path, {"cat": 10, "dog": 20})

    whole = read_data_set(tmp_path, size_px=8, channels=1)
    first, again, other = (
        read_data_set(tmp_path, size_px=8, channels=1, val_fraction=0.2, seed=seed) for seed in (1, 1, 2)
    )

    assert (list(whole.splits), whole.train_split, whole.val_split) == (["all"], "all", "")
    assert np.bincount(first.splits["val"].targets).tolist() == [2, 4]
    assert np.bincount(first.splits["train"].targets).tolist() == [8, 16]
    np.testing.assert_array_equal(first.splits["val"].images, again.splits["val"].images)
    assert not np.array_equal(first.splits["val"].images, other.splits["val"].images)


def test_a_validation_split_is_cut_off_training_only_where_there_is_none(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 10, "train/dog": 10, "test/cat": 3, "test/dog": 3})
    without = read_data_set(tmp_path, size_px=8, channels=1, val_fraction=0.2)
    write_tree(tmp_path, {"val/cat": 1, "val/dog": 1})
    with_val = read_data_set(tmp_path, size_px=8, channels=1, val_fraction=0.2)

    assert {name: len(s) for name, s in without.splits.items()} == {"train": 16, "val": 4, "test": 6}
    assert {name: len(s) for name, s in with_val.splits.items()} == {"train": 20, "val": 2, "test": 6}
    assert any("not needed" in note for note in with_val.notes)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 0.01])
def test_a_share_that_gives_no_split_is_refused(tmp_path: Path, fraction: float) -> None:
    write_tree(tmp_path, {"cat": 3, "dog": 3})

    with pytest.raises(DataError, match="share"):
        read_data_set(tmp_path, size_px=8, channels=1, val_fraction=fraction)


def leap_gestures(root: Path, persons: int = 10) -> Path:
    return write_tree(
        root, {f"{person:02}/{sign}": 1 for person in range(persons) for sign in ("01_palm", "02_l")}
    )


def test_leap_gestures_are_split_by_person(tmp_path: Path) -> None:
    data_set = read_data_set(leap_gestures(tmp_path / "leapGestRecog"), size_px=8, channels=1)

    train, val = data_set.splits["train"], data_set.splits["val"]
    assert train.labels == ("01_palm", "02_l")
    assert train.groups is not None
    assert val.groups is not None
    assert set(train.groups) == {f"{person:02}" for person in range(8)}
    assert set(val.groups) == {"08", "09"}
    assert data_set.notes == ("val: the persons 08, 09",)
    assert val.targets.tolist() == [0, 1, 0, 1]
    assert read_split(tmp_path, None, ("02_l",), 8).left_out == 2


def test_folders_of_unlike_folders_are_labels_not_persons(tmp_path: Path) -> None:
    write_tree(tmp_path, {"cat/near": 1, "cat/far": 1, "dog/near": 1})

    assert lay_out(tmp_path).labels == ("cat", "dog")


def test_a_split_to_measure_on_may_lack_labels_and_have_others(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 1, "val/cat": 2, "val/owl": 3, "val/dog": 0})

    split = read_split(tmp_path, None, ("dog", "cat"), 8, 3)

    assert (split.name, split.left_out) == ("val", 3)
    assert split.data.images.shape == (2, 8, 8, 3)
    assert split.data.targets.tolist() == [1, 1]
    with pytest.raises(DataError, match="no folder test"):
        read_split(tmp_path, "test", ("cat",), 8)
    with pytest.raises(DataError, match="no images of bird"):
        read_split(tmp_path, None, ("bird",), 8)


def test_colours_are_read_as_red_green_blue_and_grey_by_opencvs_weights(tmp_path: Path) -> None:
    red_bgr = np.zeros((20, 20, 3), np.uint8)
    red_bgr[..., 2] = 200
    cv2.imwrite(str(tmp_path / "red.png"), red_bgr)

    colour, readable, troubles = read_images([tmp_path / "red.png"], 8, 3)
    gray = square_image(red_bgr, 8, 1)

    assert colour[0, 4, 4].tolist() == [200, 0, 0]
    assert (readable.tolist(), troubles) == ([True], ())
    assert gray[4, 4] == pytest.approx(0.299 * 200, abs=1)


@settings(max_examples=20)
@given(
    counts=st.dictionaries(
        st.text("abcXYZ019_- ", min_size=1, max_size=6).filter(str.strip),
        st.integers(1, 3),
        min_size=2,
        max_size=4,
    ).filter(lambda counts: not any(name.startswith("__") for name in counts))
)
def test_any_label_folders_give_their_names_and_numbers(
    counts: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write_tree(tmp_path_factory.mktemp("labels"), counts)

    read = read_data_set(folder, size_px=4, channels=1).splits["all"]

    labels: Sequence[str] = sorted(counts)
    assert read.labels == tuple(labels)
    assert np.bincount(read.targets).tolist() == [counts[label] for label in labels]
    assert len(read_split(folder, None, labels, 4).data) == sum(counts.values())

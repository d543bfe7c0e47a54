"""FER2013's CSV and FER+'s votes: what is read, what is refused, and the published file's own figures."""

import csv
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import DataError
from recognition.lab.data.data_set import read_data_set
from recognition.lab.data.duplicates import find_duplicates, is_blank
from recognition.lab.data.fer2013 import LABELS, read_fer2013
from recognition.lab.data.ferplus import COUNT_COLUMNS
from recognition.lab.data.split import read_split
from recognition.lab.training.recipe import DataPart
from recognition.lab.training.splits import read_training_data
from recognition.models.tasks import LABEL_SETS
from tests.recognition.fer2013_tiles import published

PIXELS = 48 * 48
HEADER = ["emotion", "pixels", "Usage"]
VOTES_HEADER = ["Usage", "Image name", *COUNT_COLUMNS]
Row = tuple[int, int, str]  # label, the one value of all pixels, split
THREE: tuple[Row, ...] = ((3, 10, "Training"), (0, 20, "PublicTest"), (6, 30, "Training"))


def write_csv(folder: Path, rows: Sequence[Row], header: Sequence[str] = HEADER) -> Path:
    with (folder / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for label, value, usage in rows:
            writer.writerow([label, " ".join([str(value)] * PIXELS), usage])
    return folder


def write_votes(folder: Path, votes: Sequence[tuple[str, Sequence[int]]]) -> None:
    with (folder / "fer2013new.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(VOTES_HEADER)
        for usage, counts in votes:
            writer.writerow([usage, "", *counts])


def test_images_are_named_by_their_row_over_all_splits(tmp_path: Path) -> None:
    splits = read_fer2013(write_csv(tmp_path, THREE))

    training = splits["Training"]
    assert training.labels == LABELS
    assert training.targets.tolist() == [3, 6]
    assert training.images[:, 5, 5].tolist() == [10, 30]
    assert training.names is not None
    assert training.names.tolist() == ["row 0", "row 2"]
    assert training.votes is None


def test_only_the_splits_asked_for_are_read(tmp_path: Path) -> None:
    assert set(read_fer2013(write_csv(tmp_path, THREE), ("PublicTest",))) == {"PublicTest"}

    with pytest.raises(DataError, match="PrivateTest"):
        read_fer2013(tmp_path, ("PrivateTest",))


def test_columns_may_be_padded_and_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(f"emotion, Usage, pixels\n4,Training,{'7 ' * PIXELS}\n")

    assert read_fer2013(tmp_path)["Training"].targets.tolist() == [4]


@given(
    columns=st.permutations(HEADER),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    padding=st.sampled_from(["", " ", "   "]),
    gap=st.sampled_from([" ", "  ", "   "]),
    spelling=st.sampled_from([str, str.upper, str.lower]),
    name=st.sampled_from(["fer2013.csv", "FER2013.CSV", "Fer2013.csv"]),
    blank_lines=st.booleans(),
)
@settings(max_examples=60)
def test_the_same_images_are_read_from_any_form_of_the_csv(
    columns: list[str],
    delimiter: str,
    quoting: Literal[0, 1, 2, 3],
    end: str,
    encoding: str,
    padding: str,
    gap: str,
    spelling: Callable[[str], str],
    name: str,
    blank_lines: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    with (folder / name).open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)
        writer.writerow([padding + spelling(column) + padding for column in columns])
        for label, value, usage in THREE:
            values = {"emotion": str(label), "pixels": gap.join([str(value)] * PIXELS), "Usage": usage}
            values["Usage"] = spelling(usage)
            writer.writerow([padding + values[column] + padding for column in columns])
            file.write(end + delimiter * 2 + end if blank_lines else "")

    read = read_fer2013(folder)

    assert read.keys() == {"Training", "PublicTest"}
    assert read["Training"].targets.tolist() == [3, 6]
    assert read["Training"].images[:, 5, 5].tolist() == [10, 30]
    assert read["PublicTest"].images.mean() == 20
    assert read_split(folder / name, "publictest", LABELS, 48).name == "PublicTest"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spaces_before_quotes_and_a_delimiter_at_the_end_of_a_line_are_read(tmp_path: Path, end: str) -> None:
    pixels = " ".join(["7"] * PIXELS)
    lines = ["emotion; pixels; Usage", f'4; "{pixels}"; "Training";', ""]
    (tmp_path / "fer2013.csv").write_text(end.join(lines), newline="")

    assert read_fer2013(tmp_path)["Training"].targets.tolist() == [4]


def test_votes_are_read_from_any_form_too(tmp_path: Path) -> None:
    write_csv(tmp_path, THREE)
    lines = [";".join(map(str.upper, VOTES_HEADER))]
    lines += [f" {usage.lower()} ; ;{';'.join([' 1 '] * 10)}" for _, _, usage in THREE]
    (tmp_path / "FER2013NEW.CSV").write_text("\r\n".join(lines), encoding="utf-8-sig", newline="")

    votes = read_fer2013(tmp_path)["PublicTest"].votes

    assert votes is not None
    np.testing.assert_allclose(votes, [[0.125] * 8])


def test_a_split_that_the_csv_lacks_is_named_with_those_that_it_has_and_the_option(tmp_path: Path) -> None:
    write_csv(tmp_path, [(3, 10, "Training"), (0, 20, "PrivateTest"), (6, 30, "Training")])

    has = r"no split PublicTest; choose one of Training \(2 images\), PrivateTest \(1 images\) with --split"
    with pytest.raises(DataError, match=has):
        read_split(tmp_path, None, LABELS, 48)


def test_votes_become_shares_of_the_eight_expressions(tmp_path: Path) -> None:
    write_csv(tmp_path, THREE)
    ballots = {
        "split": ("Training", [4, 0, 0, 1, 3, 2, 0, 0, 0, 0]),
        "some unknown": ("PublicTest", [0, 8, 0, 0, 0, 0, 0, 0, 2, 0]),
        "no face": ("Training", [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]),
    }
    write_votes(tmp_path, list(ballots.values()))

    splits = read_fer2013(tmp_path)

    training, public = splits["Training"].votes, splits["PublicTest"].votes
    assert training is not None
    assert public is not None
    np.testing.assert_allclose(training, [[0.4, 0, 0, 0.1, 0.3, 0.2, 0, 0], [0] * 8])
    assert public[0, LABEL_SETS["ferplus8"].index("happy")] == 1


@pytest.mark.parametrize(
    ("votes", "named"),
    [
        ([("Training", [1] * 10)], "1 rows for 3"),
        ([("Training", [1] * 10)] * 3, "line 3"),
        ([("Training", [-1] * 10)], "line 2"),
    ],
)
def test_votes_of_other_images_are_refused(
    tmp_path: Path, votes: list[tuple[str, list[int]]], named: str
) -> None:
    write_csv(tmp_path, THREE)
    write_votes(tmp_path, votes)

    with pytest.raises(DataError, match=f"fer2013new.csv.*{named}"):
        read_fer2013(tmp_path)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "columns"),
        ("emotion,pixels,Usage\n", "no images"),
        ("emotion,pixels,Usage\n9,1 2,Training\n", "line 2"),
        ("emotion,pixels,Usage\nhappy,1 2,Training\n", "line 2"),
        ("emotion,pixels,Usage\n1,1 2,Training\n", "2304 pixels, has 2"),
        (f"emotion,pixels,Usage\n1,{'1 ' * 2303}256,Training\n", "0 to 255"),
        (f"emotion,pixels,Usage\n1,{'1 ' * 2303}-1,Training\n", "0 to 255"),
        (f"emotion,pixels,Usage\n1,1  1{' 1' * 2301},Training\n", "2304 pixels, has 2303"),
        ("emotion;pixels\n", "columns emotion, pixels, Usage"),
        ("emotion,pixels,Usage\n1,1\n", "line 2"),
    ],
)
def test_a_file_that_is_not_fer2013_is_one_clear_error(tmp_path: Path, content: str, named: str) -> None:
    (tmp_path / "fer2013.csv").write_text(content)

    with pytest.raises(DataError, match=named):
        read_fer2013(tmp_path)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), label=st.integers(0, 6))
def test_any_image_is_read_as_it_was_written(
    seed: int, label: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, PIXELS)
    folder = tmp_path_factory.mktemp("csv")
    (folder / "fer2013.csv").write_text(
        f"emotion,pixels,Usage\n{label},{' '.join(map(str, image))},Training\n"
    )

    read = read_fer2013(folder)["Training"]

    assert read.targets.tolist() == [label]
    np.testing.assert_array_equal(read.images[0].ravel(), image)


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_other_bytes_are_one_clear_error(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    (folder / "fer2013.csv").write_bytes(b"emotion,pixels,Usage\n" + content)

    with pytest.raises(DataError, match=r"fer2013\.csv"):
        read_fer2013(folder)


@settings(max_examples=25)
@given(pixels=st.text(alphabet="0123456789 .-", min_size=PIXELS, max_size=PIXELS + 8))
def test_pixels_that_are_no_numbers_are_refused(
    pixels: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    (folder / "fer2013.csv").write_text(f"emotion,pixels,Usage\n0,{pixels},Training\n")

    with pytest.raises(DataError, match="line 2"):
        read_fer2013(folder)


def test_as_a_data_set_it_is_scaled_coloured_and_cut_to_labels(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    write_csv(tmp_path / "inside", THREE)

    data_set = read_data_set(tmp_path, size_px=24, channels=3, labels=("happy", "neutral"))

    assert (data_set.name, data_set.train_split, data_set.val_split) == ("FER2013", "Training", "PublicTest")
    assert data_set.splits["Training"].images.shape == (2, 24, 24, 3)
    assert data_set.splits["Training"].targets.tolist() == [0, 1]
    assert data_set.notes == ("PublicTest: 1 images of other labels left out",)
    with pytest.raises(DataError, match="contempt"):
        read_data_set(tmp_path, size_px=24, channels=1, labels=("contempt",))


def test_a_csv_without_a_validation_split_is_split_by_label(tmp_path: Path) -> None:
    write_csv(tmp_path, [(label, 10 * label + n, "Training") for label in (0, 3) for n in range(10)])

    data_set = read_data_set(tmp_path, size_px=48, channels=1, val_fraction=0.2, seed=1)

    assert {name: np.bincount(split.targets).tolist() for name, split in data_set.splits.items()} == {
        "Training": [8, 0, 0, 8],
        "PublicTest": [2, 0, 0, 2],
    }
    assert data_set.notes == ("PublicTest: 4 of 20 images, 20% of each label, seed 1, as the CSV has none",)
    with pytest.raises(DataError, match=r"'PublicTest' \(it has Training\).*--val-fraction"):
        read_training_data(tmp_path, DataPart(size_px=48), 0)


def test_a_validation_split_of_the_csv_is_kept(tmp_path: Path) -> None:
    data_set = read_data_set(write_csv(tmp_path, THREE), size_px=48, channels=1, val_fraction=0.2)

    assert len(data_set.splits["PublicTest"]) == 1
    assert "not needed" in data_set.notes[0]


def test_its_default_split_for_measuring_is_public_test(tmp_path: Path) -> None:
    split = read_split(write_csv(tmp_path, THREE), None, LABELS, 48)

    assert (split.name, len(split.data), split.left_out) == ("PublicTest", 1, 0)


def test_the_published_split_is_read_from_the_csv_to_the_last_pixel(tiles: Path, tmp_path: Path) -> None:
    split, rows = published(tiles, "PublicTest")
    words = np.array([str(value) for value in range(256)])
    with (tmp_path / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row, image in zip(rows, split.images, strict=True):
            writer.writerow([row[1], " ".join(words[image.ravel()].tolist()), row[0]])
    write_votes(tmp_path, [(row[0], [int(count) for count in row[2:]]) for row in rows])

    read = read_fer2013(tmp_path)["PublicTest"]

    assert hashlib.sha256(read.images.tobytes()).hexdigest().startswith("55b4b9d1b3c61f36")
    assert np.bincount(read.targets).tolist() == [467, 56, 496, 895, 653, 415, 607]
    assert read.votes is not None
    sums = read.votes.sum(axis=1)
    assert np.all((np.abs(sums - 1) < 1e-5) | (sums == 0))
    assert (sums == 0).sum() == 10


def test_351_published_training_images_are_also_in_public_test(tiles: Path) -> None:
    train, public = published(tiles, "Training")[0], published(tiles, "PublicTest")[0]

    duplicates = find_duplicates(train, public)

    assert hashlib.sha256(train.images.tobytes()).hexdigest().startswith("df3a4816f2773b35")
    assert np.bincount(train.targets).tolist() == [3995, 436, 4097, 7215, 4830, 3171, 4965]
    assert is_blank(train.images).sum() == 11
    assert duplicates.exact.sum() == 351
    assert 65 <= duplicates.near.sum() <= 90
    assert not (duplicates.exact & duplicates.near).any()

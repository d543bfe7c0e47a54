"""Label folders named in common ways: matched to the labels, with a note, or an error that lists them."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.cli.main import main
from recognition.errors import DataError
from recognition.lab.data.data_set import read_data_set
from recognition.lab.data.label_names import EXPRESSION_WORDS, labels_of_folders, name_labels
from recognition.lab.data.split import read_split
from recognition.models.tasks import LABEL_SETS
from tests.recognition.test_data_folders import write_tree
from tests.recognition.tiny_models import write_tiny_model

FER7 = LABEL_SETS["fer7"]
NUMBERS = tuple("0123456")


@pytest.mark.parametrize(
    ("folder", "labels", "meant"),
    [
        ("Angry", FER7, "angry"),
        ("ANGER", FER7, "angry"),
        ("happiness", FER7, "happy"),
        (" Sadness ", FER7, "sad"),
        ("surprised", FER7, "surprise"),
        ("anger", ("Angry", "Fear"), "Angry"),
        ("ha_long-bay", ("Ha Long Bay", "Hoi An"), "Ha Long Bay"),
        (unicodedata.normalize("NFD", "Chùa Một Cột"), ("Chùa Một Cột",), "Chùa Một Cột"),
        ("contempt", FER7, None),
        ("3", FER7, None),
        ("calm", FER7, None),
        ("a-b", ("a b", "a_b"), None),  # either could be meant
        ("a_b", ("a b", "a_b"), "a_b"),
        ("cat", ("Cat", "cat"), "cat"),
    ],
)
def test_a_folder_means_the_one_label_that_it_resembles(
    folder: str, labels: tuple[str, ...], meant: str | None
) -> None:
    assert name_labels([folder], labels).label_of.get(folder) == meant


@given(label=st.sampled_from(sorted(EXPRESSION_WORDS)), change=st.sampled_from([str.upper, str.title, str]))
def test_every_word_for_an_expression_means_it_in_any_case(label: str, change: type[str]) -> None:
    words = [change(word) for word in (label, *EXPRESSION_WORDS[label])]

    assert set(name_labels(words, LABEL_SETS["ferplus8"]).label_of.values()) == {label}


@given(labels=st.lists(st.text(max_size=6), unique=True, max_size=8))
def test_a_label_always_means_itself(labels: list[str]) -> None:
    names = name_labels(labels, labels)

    assert names.label_of == {label: label for label in labels if label}
    assert names.notes == ()


@pytest.mark.parametrize("labels", [FER7, LABEL_SETS["fer5"], LABEL_SETS["ferplus8"]])
def test_numbers_0_to_6_are_fer2013s_expressions_with_a_note(labels: tuple[str, ...]) -> None:
    names = name_labels(NUMBERS, labels)

    assert names.label_of == {n: FER7[int(n)] for n in NUMBERS if FER7[int(n)] in labels}
    assert "0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral" in names.notes[0]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (tuple("1234567"), FER7),  # RAF-DB's order is another one
        (tuple("01234567"), LABEL_SETS["ferplus8"]),  # AffectNet's too
        (tuple("0123"), FER7),
        (NUMBERS, ("cat", "dog")),
    ],
)
def test_other_numbers_mean_nothing(names: tuple[str, ...], labels: tuple[str, ...]) -> None:
    assert name_labels(names, labels).label_of == {}


def test_numbers_that_are_labels_mean_themselves() -> None:
    assert name_labels(NUMBERS, tuple("0123456789")).label_of == {n: n for n in NUMBERS}


@pytest.mark.parametrize(
    ("folders", "labels"),
    [
        (("Anger", "Happiness"), ("angry", "happy")),
        (("angry", "happy"), ("angry", "happy")),
        (("Anger", "angry"), ("Anger", "angry")),
        (("Anger", "Cat"), ("Anger", "Cat")),
        (NUMBERS, NUMBERS),
    ],
)
def test_folders_that_all_mean_expressions_give_their_labels(
    folders: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    assert labels_of_folders(folders) == labels


def test_splits_may_name_their_label_folders_differently(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/Happiness": 1, "train/ANGER": 2, "val/happy": 1, "val/Angry": 1})

    data_set = read_data_set(tmp_path, size_px=8, channels=1)

    assert {name: split.labels for name, split in data_set.splits.items()} == {
        "train": ("angry", "happy"),
        "val": ("angry", "happy"),
    }
    assert data_set.splits["train"].targets.tolist() == [0, 0, 1]
    assert data_set.splits["val"].targets.tolist() == [0, 1]
    assert "ANGER as angry" in data_set.notes[0]


def test_two_folders_of_one_label_are_read_together(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Happy": 1, "happiness": 2, "happy": 3, "sad": 1})

    split = read_split(tmp_path, None, ("happy", "sad"), 8)

    assert split.data.targets.tolist() == [0] * 6 + [1]
    assert split.notes == ("label folders are read under another name: Happy as happy, happiness as happy",)


def test_folders_of_other_labels_are_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"happy": 1, "owl": 2, "calm": 1})

    split = read_split(tmp_path, None, ("happy", "sad"), 8)

    assert (split.left_out, split.notes) == (3, ("3 images of other labels left out (calm, owl)",))


def test_where_no_folder_fits_the_error_lists_what_was_found_and_expected(tmp_path: Path) -> None:
    write_tree(tmp_path, dict.fromkeys("1234567", 1))

    found = r"no images of angry, .* found the folders 1, 2, 3, 4, 5, 6, 7;"
    with pytest.raises(DataError, match=found):
        read_split(tmp_path, None, FER7, 8)
    with pytest.raises(DataError, match=found):
        read_data_set(tmp_path, size_px=8, channels=1, labels=FER7)


def test_a_label_unknown_to_training_is_named_beside_those_that_it_has(tmp_path: Path) -> None:
    write_tree(tmp_path, {"train/cat": 1, "train/dog": 1, "val/Cat": 1, "val/owl": 1})

    with pytest.raises(DataError, match=r"val/owl is no label of .*train \(cat, dog\)"):
        read_data_set(tmp_path, size_px=8, channels=1)


def test_evaluate_says_how_it_read_folders_and_which_labels_have_no_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, FER7, task="emotion")
    write_tree(tmp_path / "data", {"Anger": 2, "Happiness": 3, "owl": 1})

    assert main(["evaluate", "--model", str(model), "--data", str(tmp_path / "data"), "--device", "cpu"]) == 0
    printed = capsys.readouterr()

    assert "n = 5" in printed.out
    assert "no image of disgust, fear, sad, surprise, neutral: not in the macro figures" in printed.out
    assert (
        "note: label folders are read under another name: Anger as angry, Happiness as happy" in printed.err
    )
    assert "note: 1 images of other labels left out (owl)" in printed.err

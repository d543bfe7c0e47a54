"""Hidden and system files and folders are skipped wherever a user's folder is walked."""

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.cli.long_run import command_line
from recognition.cli.main import main
from recognition.errors import DataError
from recognition.images.files import image_files, images_below, is_hidden, subfolders
from recognition.lab.comparison.jaffe import is_jaffe, read_jaffe
from recognition.lab.data.data_set import read_data_set
from recognition.lab.data.faces import read_face_images
from recognition.lab.data.imagenet import ImageNetValidation
from recognition.lab.data.layout import lay_out
from recognition.lab.data.split import read_split
from recognition.models.cards import load_cards
from tests.recognition.tiny_models import write_tiny_model

HIDDEN_FOLDERS = (
    ".ipynb_checkpoints",
    ".cache",
    ".git",
    ".Trash-1000",
    ".@__thumb",
    "__MACOSX",
    "__pycache__",
    "@eaDir",
    "@Recycle",
    "#recycle",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
)


def write_image(file: Path, value: int = 90) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), np.full((12, 12, 3), value, np.uint8))
    return file


def litter(folder: Path) -> None:
    """Leave in a folder what systems leave there: readable copies in folders, and AppleDouble files."""
    for number, name in enumerate(HIDDEN_FOLDERS):
        write_image(folder / name / f"copy{number}.png", 200)
        write_image(folder / name / "deeper" / f"copy{number}.png", 200)
    (folder / "._0.png").write_bytes(b"\x00\x05\x16\x07AppleDouble")
    write_image(folder / ".hidden.png")
    (folder / ".DS_Store").write_bytes(b"\x00")
    (folder / "Thumbs.db").write_bytes(b"\x00")


def littered(root: Path, *places: str) -> Path:
    """Write one image into each place below `root`, and litter every folder on the way."""
    for place in places:
        write_image(root / place)
    for folder in {parent for place in places for parent in (root / place).parents if parent >= root}:
        if folder == root or root in folder.parents:
            litter(folder)
    return root


def names(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in images_below(folder)]


def test_hidden_and_system_folders_below_a_label_hold_no_images_of_it(tmp_path: Path) -> None:
    littered(tmp_path, "cat/0.png", "cat/more/1.JPG", "dog/0.png")

    assert names(tmp_path) == ["cat/0.png", "cat/more/1.JPG", "dog/0.png"]
    assert read_split(tmp_path, None, ("cat", "dog"), 8).data.targets.tolist() == [0, 0, 1]
    data_set = read_data_set(tmp_path, size_px=8, channels=1)
    assert (data_set.splits["all"].targets.tolist(), data_set.unreadable) == ([0, 0, 1], ())


def test_a_folder_named_from_outside_may_be_hidden_itself(tmp_path: Path) -> None:
    folder = littered(tmp_path / ".cache" / "@eaDir", "0.png")

    assert list(image_files([folder])) == [folder / "0.png"]
    assert list(image_files([folder / "._0.png"])) == [folder / "._0.png"]


def test_names_that_only_resemble_hidden_ones_are_read(tmp_path: Path) -> None:
    littered(tmp_path, "__a.png", "@a.png", "a.b/c.png", "lost and found/0.png", "_x/0.png")

    assert len(images_below(tmp_path)) == 5


def test_splits_and_persons_are_found_beside_what_systems_leave(tmp_path: Path) -> None:
    split = littered(tmp_path / "split", "train/cat/0.png", "val/cat/0.png")
    leap = littered(tmp_path / "leap", *(f"{p:02}/{s}/0.png" for p in range(3) for s in ("01_palm", "02_l")))

    assert {name: len(files) for name, files in lay_out(split).splits.items()} == {"train": 1, "val": 1}
    assert {name: len(files) for name, files in lay_out(leap).splits.items()} == {"train": 4, "val": 2}


def test_jaffe_imagenet_and_face_images_are_read_beside_what_systems_leave(tmp_path: Path) -> None:
    codes = ("AN", "DI", "FE", "HA", "SA", "SU", "NE")
    jaffe = littered(tmp_path / "jaffe", *(f"KA.{code}1.{n}.png" for n, code in enumerate(codes)))
    (jaffe / "._KA.AN1.0.png").write_bytes(b"\x00\x05\x16\x07")
    imagenet = littered(tmp_path / "imagenet", "val_1.JPEG")
    solution = tmp_path / "solution.csv"
    solution.write_text("ImageId,PredictionString\nval_1,n01 1 2 3 4\n", encoding="utf-8-sig")
    faces = littered(tmp_path / "faces", "set/images/val/0.png")
    write_image(faces / "__MACOSX" / "images" / "val" / "0.png")

    assert is_jaffe(jaffe)
    assert len(read_jaffe(jaffe, 8, 1)[0]) == 7
    assert ImageNetValidation(imagenet, solution, classes=1).files == (imagenet / "val_1.JPEG",)
    assert [face.file.name for face in read_face_images(faces, "val")] == ["0.png"]


def test_evaluate_predict_and_duplicates_skip_what_systems_leave(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, ("cat", "dog"))
    folder = littered(tmp_path / "data", "cat/0.png", "dog/1.png")

    assert main(["evaluate", "--model", str(model), "--data", str(folder), "--device", "cpu"]) == 0
    assert "n = 2" in capsys.readouterr().out
    assert main(["predict", "--device", "cpu", str(folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["duplicates", "--data", str(folder)]) == 0
    assert "skipped" not in capsys.readouterr().err


def test_weights_copied_from_a_mac_leave_no_cards(tmp_path: Path) -> None:
    write_tiny_model(tmp_path, ("cat", "dog"))
    for name in ("._model.json", "._model.safetensors"):
        (tmp_path / name).write_bytes(b"\x00\x05\x16\x07")

    assert set(load_cards(tmp_path)) == {"model"}


def test_a_file_name_that_is_no_utf8_becomes_a_name_that_reports_can_hold(tmp_path: Path) -> None:
    write_image(tmp_path / "cat" / "0.png").rename(tmp_path / "cat" / os.fsdecode(b"caf\xe9.png"))
    folder = (tmp_path / "cat").rename(tmp_path / os.fsdecode(b"\xff"))

    data_set = read_data_set(folder.parent, size_px=8, channels=1, labels=(folder.name,))

    assert data_set.splits["all"].names is not None
    assert data_set.splits["all"].names.tolist() == ["\\xff/caf\\xe9.png"]


def test_the_command_in_a_report_can_be_encoded_whatever_its_paths_are(tmp_path: Path) -> None:
    arguments = Namespace(command="compare", data=Path(os.fsdecode(b"caf\xe9")))

    assert command_line(arguments, ("data",)) == "python -m recognition compare --data 'caf\\xe9'"


@pytest.mark.parametrize("walk", [images_below, subfolders])
def test_a_folder_that_cannot_be_read_is_one_error_and_not_silence(
    tmp_path: Path, walk: Callable[[Path], list[Path]]
) -> None:
    with pytest.raises(DataError, match=r"nowhere cannot be read \(No such file"):
        walk(tmp_path / "nowhere")


@given(name=st.text(min_size=1, max_size=20))
def test_a_file_is_hidden_by_its_first_character_alone(name: str) -> None:
    assert is_hidden(name) == name.startswith(".")

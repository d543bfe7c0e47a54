"""Cross-validation: JAFFE's protocol on images made here."""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import cv2
import numpy as np
import pytest

from recognition.cli.main import main
from recognition.errors import DataError
from recognition.images.decoding import read_image_bgr
from recognition.lab.comparison.answers import Answers
from recognition.lab.comparison.cross_report import draw_folds, summarize_folds
from recognition.lab.comparison.cross_validation import (
    Fold,
    read_fine_tuning,
    read_whole,
    with_persons,
)
from recognition.lab.comparison.entrant import Budget
from recognition.lab.comparison.jaffe import LABEL_OF_CODE, is_jaffe, read_jaffe
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.recipe import DataPart
from recognition.lab.training.splits import in_order_of, read_training_data
from recognition.models.tasks import LABEL_SETS
from tests.recognition.shape_images import draw_shape, write_recipe, write_shapes

PEOPLE = ("KA", "KL", "YM")
SMALL = DataPart(size_px=24, crop=24)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a training's curves nor the report's image are the question here."""
    monkeypatch.setattr("recognition.lab.training.history.History.draw", lambda history, file: None)
    monkeypatch.setattr("recognition.lab.comparison.cross_report.draw_folds", lambda report, file: None)


@pytest.fixture
def jaffe(tmp_path: Path) -> Path:
    """Three people, each with every expression twice, in files named and stored as JAFFE's."""
    folder, random, number = tmp_path / "jaffe", np.random.default_rng(0), 0
    folder.mkdir()
    (folder / "README").write_text("not an image")
    for person in PEOPLE:
        for code in LABEL_OF_CODE:
            for take in (1, 2):
                number += 1
                image = draw_shape("square", random)
                cv2.imwrite(str(folder / f"{person}.{code}{take}.{number}.tiff"), image)
    return folder


def validated(tmp_path: Path, data: Path, *more: str) -> dict[str, Any]:
    recipe, out = (
        write_recipe(tmp_path / "tiny.toml", ('task = "scenes"', 'task = "emotion"')),
        tmp_path / "out",
    )
    words = [
        "cross-validate",
        "--recipe",
        str(recipe),
        "--data",
        str(data),
        "--epochs",
        "1",
        "--device",
        "cpu",
    ]
    assert main([*words, "--out", str(out), *more]) == 0
    report: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    assert (out / "report.md").is_file()
    assert (out / "report.html").read_text("utf-8").count("fold-") == len(report["folds"])
    return report


def test_file_names_tell_person_and_expression(jaffe: Path) -> None:
    assert is_jaffe(jaffe)
    data, unreadable = read_jaffe(jaffe, 24, 1)

    assert unreadable == ()
    assert (data.images.shape, data.labels) == ((42, 24, 24), LABEL_SETS["fer7"])
    assert data.names is not None
    assert data.groups is not None
    place = data.names.tolist().index("KL.SU2.26.tiff")
    assert (data.labels[data.targets[place]], data.groups[place]) == ("surprise", "KL")


def test_an_expression_without_images_is_reported(jaffe: Path) -> None:
    for file in jaffe.glob("*.FE*"):
        file.unlink()

    with pytest.raises(DataError, match="fear"):
        read_jaffe(jaffe, 24, 1)


def test_folds_by_person_never_share_one(jaffe: Path, tmp_path: Path) -> None:
    report = validated(tmp_path, jaffe, "--folds", "3", "--by", "person")

    assert sorted(fold["persons"] for fold in report["folds"]) == [["KA"], ["KL"], ["YM"]]
    assert report["data"] == "JAFFE"


def test_mean_deviation_and_confusion_are_over_all_folds(jaffe: Path, tmp_path: Path) -> None:
    report = validated(tmp_path, jaffe, "--folds", "2")
    accuracies = [fold["accuracy"] for fold in report["folds"]]

    assert report["accuracy"] == {
        "mean": pytest.approx(mean(accuracies)),
        "deviation": pytest.approx(stdev(accuracies)),
    }
    assert np.array(report["together"]["confusion"]).sum(axis=1).tolist() == [6] * 7
    assert report["together"]["n"] == sum(fold["n"] for fold in report["folds"]) == 42
    assert all(fold["train_images"] + fold["n"] == 42 for fold in report["folds"])


def test_the_image_of_a_report_is_drawn(jaffe: Path, tmp_path: Path) -> None:
    data, _ = read_jaffe(jaffe, 24, 1)
    logits = np.eye(7, dtype=np.float32)[data.targets]
    answers = Answers("key", data.labels, logits, data.targets, np.arange(1), data.images[:1], ("KA",))
    folds = [Fold(f"fold-{number}", "JAFFE", answers, ("KA", "KL"), 28, 5, "cpu") for number in (1, 2)]
    about = {"title": "Title", "command": "", "recipe": "tiny", "pretrained": "", "by": "person"}

    draw_folds(summarize_folds(folds, **about, epochs=1, views="1", seed=0), tmp_path / "report.png")

    height, width = read_image_bgr(tmp_path / "report.png").shape[:2]
    assert (height > 500, width > 1200) == (True, True)


def test_a_finished_fold_is_not_trained_again(
    jaffe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = validated(tmp_path, jaffe, "--folds", "2")
    (tmp_path / "out" / "fold-2" / "fold-2.json").unlink()
    (tmp_path / "out" / "report.json").unlink()
    capsys.readouterr()
    second = validated(tmp_path, jaffe, "--folds", "2", "--json")
    printed = capsys.readouterr()

    assert "fold-1 is trained already" in printed.err
    assert "fold-2 is trained already" not in printed.err
    assert json.loads(printed.out) == second
    assert second["together"] == first["together"]


def test_folds_started_otherwise_are_refused(jaffe: Path, tmp_path: Path) -> None:
    validated(tmp_path, jaffe, "--folds", "2")

    words = ["cross-validate", "--recipe", str(tmp_path / "tiny.toml"), "--data", str(jaffe), "--epochs", "1"]
    assert main([*words, "--device", "cpu", "--folds", "3", "--out", str(tmp_path / "out")]) == 2


def test_label_folders_tell_persons_by_their_prefix(tmp_path: Path) -> None:
    data = write_shapes(tmp_path / "shapes", {"": 6}, prefixes=("an_", "binh.", "chi_"))
    report = validated(tmp_path, data, "--folds", "3", "--by", "person")

    assert sorted(fold["persons"] for fold in report["folds"]) == [["an"], ["binh"], ["chi"]]


def test_images_of_nobody_are_not_split_by_person(tmp_path: Path) -> None:
    whole = read_whole(write_shapes(tmp_path / "shapes", {"train": 2, "val": 1}), SMALL)

    assert len(whole.data) == 9
    with pytest.raises(DataError, match="--by image"):
        with_persons(whole.data)


def test_fine_tuning_begins_with_the_pretrained_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes = write_shapes(tmp_path / "shapes", {"train": 6, "val": 2})
    recipe = write_recipe(tmp_path / "before.toml")
    assert (
        main(["train", str(recipe), "--data", str(shapes), "--device", "cpu", "--out", str(tmp_path / "run")])
        == 0
    )
    capsys.readouterr()
    report = validated(
        tmp_path, shapes, "--folds", "2", "--pretrained", str(tmp_path / "run" / "before.safetensors")
    )

    assert report["pretrained"] == "before"
    assert "parameters start from the weights of" in capsys.readouterr().out


def test_labels_are_numbered_as_the_pretrained_net_does(tmp_path: Path) -> None:
    shapes = write_shapes(tmp_path / "shapes", {"train": 6, "val": 2})
    recipe = write_recipe(
        tmp_path / "before.toml", ("size_px = 24", 'size_px = 24\nlabels = ["stripes", "square", "circle"]')
    )
    assert (
        main(["train", str(recipe), "--data", str(shapes), "--device", "cpu", "--out", str(tmp_path / "run")])
        == 0
    )
    entrant = read_fine_tuning(
        str(recipe), tmp_path / "run" / "before.json", Budget(overrides=("data.labels=[]",))
    )
    data = LabelledImages(np.zeros((2, 24, 24), np.uint8), np.array([0, 2]), ("circle", "square", "stripes"))

    ordered = in_order_of(entrant.recipe.network.weights, data)

    assert (ordered.labels, ordered.targets.tolist()) == (("stripes", "square", "circle"), [2, 0])
    recipe = entrant.recipe
    read = read_training_data(shapes, recipe.data, 0, recipe.network.weights)
    assert read.train.labels == read.val.labels == ("stripes", "square", "circle")

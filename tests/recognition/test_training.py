"""Recipes, the loop and its checkpoints, on a tiny net and pictures made here."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from recognition.cli.main import main
from recognition.data.fer2013 import LABELS, clean_training, read_fer2013
from recognition.data.labelled import LabelledImages
from recognition.errors import DataError, RecipeError, TrainingDiverged
from recognition.labels import FloatArray
from recognition.registry import build_network
from recognition.training import augmentation
from recognition.training.loop import Training
from recognition.training.recipe import AugmentationPart, Recipe, find_recipe, load_recipe

TINY = """
title = "Tiny"
epochs = 3
batch = 16
plain_last_epochs = 1
precision = "fp32"

[network]
architecture = "tiny"

[augmentation]
affine = 0.5
light = 0.5
erase = 0.5

[optimiser]
kind = "adamw"
lr = 0.01
warmup_epochs = 0.5
ema = 0.9
"""


def stripes(count: int, seed: int) -> LabelledImages:
    """Pictures that a tiny net can tell apart: as many bright rows as the label's number says."""
    random = np.random.default_rng(seed)
    targets = np.arange(count) % 7
    images = random.integers(0, 60, (count, 48, 48), np.uint8)
    for image, target in zip(images, targets, strict=True):
        image[: 6 * (target + 1)] += 150
    return LabelledImages(images, targets.astype(np.int64), LABELS)


def as_kaggle_csv(folder: Path, count: int = 70) -> Path:
    with (folder / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for usage, seed in (("Training", 0), ("PublicTest", 1)):
            split = stripes(count, seed)
            for image, target in zip(split.images, split.targets, strict=True):
                writer.writerow([target, " ".join(map(str, image.ravel())), usage])
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny nets lose more by waiting for a second thread than they win."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def tiny_recipe(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    return file


def train(recipe: Recipe, out: Path, resume: bool = False) -> Training:
    torch.manual_seed(0)
    network = build_network(recipe.network.architecture, classes=7)
    training = begin(recipe, network, out)
    training.run(resume)
    return training


def begin(
    recipe: Recipe, network: nn.Module, out: Path, report: Callable[[str], None] = lambda line: None
) -> Training:
    return Training(
        recipe,
        network,
        stripes(70, 0),
        stripes(35, 1),
        out,
        device=torch.device("cpu"),
        seed=0,
        report=report,
    )


def weights_of(training: Training) -> FloatArray:
    return torch.cat([p.detach().flatten() for p in training.result.parameters()]).numpy()


def test_my_model_has_about_five_million_parameters() -> None:
    recipe = load_recipe(find_recipe("best/se_resnet"))
    network = build_network("se_resnet", classes=7, **recipe.network.arguments)

    assert 4.5e6 < sum(p.numel() for p in network.parameters()) < 6e6


def test_values_of_a_recipe_can_be_set(tiny_recipe: Path) -> None:
    recipe = load_recipe(tiny_recipe, ("epochs=5", "optimiser.lr=0.5", "title=Other"))

    assert (recipe.epochs, recipe.optimiser.lr, recipe.title) == (5, 0.5, "Other")


@pytest.mark.parametrize("override", ["epochs", "epochs=many", "optimiser.rate=1", "=3", "title.x=1"])
def test_a_wrong_value_is_refused(tiny_recipe: Path, override: str) -> None:
    with pytest.raises(RecipeError):
        load_recipe(tiny_recipe, (override,))


def test_the_loop_learns_and_keeps_its_history(tiny_recipe: Path, tmp_path: Path) -> None:
    training = train(load_recipe(tiny_recipe, ("epochs=12",)), tmp_path / "run")
    records = training.history.records

    assert records[-1].train_loss < 0.85 * records[0].train_loss
    assert records[-1].val_accuracy > 2 / 7
    with (tmp_path / "run" / "history.csv").open() as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == list(range(1, 13))


def test_a_resumed_run_gives_what_an_unbroken_one_gives(tiny_recipe: Path, tmp_path: Path) -> None:
    recipe = load_recipe(tiny_recipe)
    unbroken = train(recipe, tmp_path / "unbroken")

    class Stopped(Exception):
        pass

    def stop_after_two(line: str) -> None:
        if line.startswith("epoch 2/"):
            raise Stopped

    torch.manual_seed(0)
    broken = begin(recipe, build_network("tiny", classes=7), tmp_path / "broken", stop_after_two)
    with pytest.raises(Stopped):
        broken.run(resume=False)
    resumed = train(recipe, tmp_path / "broken", resume=True)

    np.testing.assert_array_equal(weights_of(resumed), weights_of(unbroken))
    assert [r.train_loss for r in resumed.history.records] == [r.train_loss for r in unbroken.history.records]


def test_a_loss_that_is_no_number_stops_with_what_to_do(tiny_recipe: Path, tmp_path: Path) -> None:
    recipe = load_recipe(
        tiny_recipe, ('optimiser.kind="sgd"', "optimiser.lr=1e20", "optimiser.warmup_epochs=0.0")
    )

    with pytest.raises(TrainingDiverged, match=r"optimiser\.lr"):
        train(recipe, tmp_path / "run")


def test_pictures_that_equal_a_held_out_one_are_left_out() -> None:
    training, held_out = stripes(20, 0), stripes(10, 1)
    training.images[3] = held_out.images[5]
    training.images[4] = 0

    cleaned, counts = clean_training(training, held_out)

    assert counts == {"equal_to_held_out": 1, "blank": 1}
    assert len(cleaned) == 18


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "columns"),
        ("emotion,pixels,Usage\n", "no pictures"),
        ("emotion,pixels,Usage\n9,1 2,Training\n", "line 2"),
        ("emotion,pixels,Usage\nhappy,1 2,Training\n", "line 2"),
    ],
)
def test_a_file_that_is_not_fer2013_is_one_clear_error(tmp_path: Path, content: str, named: str) -> None:
    (tmp_path / "fer2013.csv").write_text(content)

    with pytest.raises(DataError, match=named):
        read_fer2013(tmp_path)


@given(st.integers(0, 1000), st.sampled_from([32, 44, 48]))
def test_changed_pictures_stay_pictures(seed: int, crop: int) -> None:
    images = torch.rand(4, 1, 48, 48, generator=torch.Generator().manual_seed(seed))
    part = AugmentationPart(affine=1.0, light=1.0, erase=1.0)

    changed = augmentation.augment(images, part, crop, torch.Generator().manual_seed(seed))

    assert changed.shape == (4, 1, crop, crop)
    assert 0 <= changed.min() <= changed.max() <= 1


def test_a_recipe_without_changes_only_crops() -> None:
    images = torch.arange(48 * 48).view(1, 1, 48, 48) / (48 * 48)
    part = AugmentationPart(flip=False)

    same = augmentation.augment(images, part, 48, torch.Generator().manual_seed(0))
    crop = augmentation.augment(images, part, 44, torch.Generator().manual_seed(0))

    assert torch.equal(same, images)
    assert crop[0, 0, 0, 1] - crop[0, 0, 0, 0] == pytest.approx(1 / (48 * 48), rel=1e-3)


def test_training_evaluating_and_serving_go_from_files_to_files(
    tiny_recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = as_kaggle_csv(tmp_path), tmp_path / "run"

    assert main(["train", str(tiny_recipe), "--data", str(data), "--out", str(out), "--device", "cpu"]) == 0
    capsys.readouterr()
    weights = str(out / "tiny.safetensors")
    assert main(["evaluate", "--model", weights, "--data", str(data), "--label-set", "fer5", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    card = json.loads((out / "tiny.json").read_text())
    assert (report["n"], report["left_out"]) == (50, 20)
    (figure,) = [e for e in card["evaluations"] if e["metric"] == "accuracy fer5" and e["views"] == "1"]
    assert figure["value"] == pytest.approx(report["accuracy"], abs=1e-4)
    assert (out / "curves.png").stat().st_size > 5_000


def test_a_missing_recipe_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "best/nothing", "--data", str(tmp_path)]) == 2
    assert "best/se_resnet" in capsys.readouterr().err

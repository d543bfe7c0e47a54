"""Recipes, the loop and its checkpoints, on a tiny network and images made here."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from recognition.cli.main import main
from recognition.errors import RecipeError, TrainingDiverged
from recognition.lab.data.fer2013 import LABELS
from recognition.lab.data.ferplus import NO_MAJORITY
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.loop import Training
from recognition.lab.training.recipe import DistillationPart, Recipe, find_recipe, load_recipe
from recognition.lab.training.result import trained_on
from recognition.lab.training.run import train_on
from recognition.lab.training.splits import TrainingData
from recognition.models.cards import Card
from recognition.models.labels import FloatArray
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import build_network, load_network

pytestmark = pytest.mark.usefixtures("one_thread")

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
    """Images that a tiny network can distinguish: as many bright rows as the label's number says."""
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


@pytest.fixture
def tiny_recipe(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    return file


def train(recipe: Recipe, out: Path, resume: bool = False) -> Training:
    torch.manual_seed(0)
    network = build_network(recipe.network.architecture, classes=7)
    training = start_training(recipe, network, out)
    training.run(resume)
    return training


def start_training(
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
    broken = start_training(recipe, build_network("tiny", classes=7), tmp_path / "broken", stop_after_two)
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


def test_a_training_keeps_the_share_of_its_start_that_the_recipe_asks_for(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    data, first, second = as_kaggle_csv(tmp_path), tmp_path / "first", tmp_path / "second"
    words = ["train", str(tiny_recipe), "--data", str(data), "--device", "cpu"]
    assert main([*words, "--out", str(first)]) == 0
    start = load_file(first / "tiny.safetensors")
    words += ["--out", str(second), "--set", f"network.weights={first / 'tiny.safetensors'}"]

    moved = []
    for share in (0, 0.99999):
        assert main([*words, "--set", f"network.weight_interpolation={share}"]) == 0
        result = load_file(second / "tiny.safetensors")
        moved.append(max(float((result[name] - start[name]).abs().max()) for name in start))

    assert moved[0] > 0.01
    assert moved[1] < 0.01 * moved[0]


def test_a_missing_recipe_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "best/nothing", "--data", str(tmp_path)]) == 2
    assert "best/se_resnet" in capsys.readouterr().err


def test_a_run_that_is_asked_to_end_goes_on_later(tiny_recipe: Path, tmp_path: Path) -> None:
    data, out = as_kaggle_csv(tmp_path), tmp_path / "run"
    words = [sys.executable, "-m", "recognition", "train", str(tiny_recipe), "--data", str(data)]
    words += ["--out", str(out), "--device", "cpu"]

    with subprocess.Popen(
        [*words, "--set", "epochs=5000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("epoch 2/"):
                break
        running.terminate()
        _, errors = running.communicate(timeout=120)

    done = torch.load(out / "checkpoint.pt", weights_only=True)["epochs_done"]
    resumed = main([*words[3:], "--resume", "--set", f"epochs={done + 1}"])

    assert running.returncode == 130
    assert "--resume" in errors
    assert resumed == 0
    lines = (out / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, done + 2))


def trained(images: TrainingData, recipe: Recipe, out: Path, *views: str) -> Card:
    """Train on images made here, and measure with these test-time augmentations."""
    return train_on(
        images,
        recipe,
        "tiny",
        "tiny",
        out,
        device="cpu",
        seed=0,
        resume=False,
        report=lambda line: None,
        views=views,
    )


def test_only_the_views_asked_for_are_measured(tiny_recipe: Path, tmp_path: Path) -> None:
    images = TrainingData("Made", "train", stripes(70, 0), "val", stripes(35, 1), {"test": stripes(14, 2)})

    card = trained(images, load_recipe(tiny_recipe), tmp_path, "1")

    assert {(e.split, e.views, e.metric) for e in card.evaluations} == {
        (split, "1", f"accuracy {labels}") for split in ("val", "test") for labels in ("fer7", "fer5")
    }


def test_a_card_names_votes_and_teachers_too(tiny_recipe: Path) -> None:
    recipe = load_recipe(tiny_recipe, ["loss.auxiliary=0.5"])
    teaching = DistillationPart(teachers=("weights/one.safetensors", "two.safetensors"))
    pupil = msgspec.structs.replace(recipe, distillation=teaching)

    assert trained_on(load_recipe(tiny_recipe), "Made") == "Made"
    assert trained_on(recipe, "Made") == "Made, with FER+ votes for the same images"
    assert trained_on(pupil, "Made") == "Made, with FER+ votes for the same images, distilled from one, two"


def test_a_second_head_is_measured_on_the_majoritys_labels_and_stands_on_the_card(
    tiny_recipe: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(
        tiny_recipe, ["loss.auxiliary=1.0", "network.arguments.auxiliary_classes=8", "epochs=1"]
    )
    train, val = rated(stripes(70, 0)), rated(stripes(35, 1))
    images = TrainingData("Made", "train", train, "val", val, {})

    card = trained(images, recipe, tmp_path, "1", "flip")

    (second,) = card.more_heads
    assert (second.labels, second.first) == (LABEL_SETS["ferplus8"], 7)
    measured = {e.views: (e.n, e.value) for e in card.evaluations if e.metric == "accuracy ferplus8"}
    # The answers once more, by torch alone: the eight last logits of the images that have a majority.
    network = load_network(card, tmp_path)
    images_01 = torch.from_numpy(val.images[1:, None]).float() / 255
    with torch.inference_mode():
        one, mirrored = (network(seen)[:, 7:].softmax(1) for seen in (images_01, images_01.flip(3)))
    right = [(answer.argmax(1).numpy() == val.majority[1:]).mean() for answer in (one, one + mirrored)]
    assert measured == {"1": (34, round(right[0], 4)), "flip": (34, round(right[1], 4))}


def rated(data: LabelledImages) -> LabelledImages:
    """Images whose raters all say what the label is, but for the first, about which they are divided."""
    majority = np.array([LABEL_SETS["ferplus8"].index(data.labels[target]) for target in data.targets])
    majority[0] = NO_MAJORITY
    return replace(data, votes=np.eye(8, dtype=np.float32)[majority], majority=majority)

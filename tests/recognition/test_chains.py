"""Chains of training steps: those that ship, and a small one that really runs, interrupted everywhere."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recognition.cli.main import main
from recognition.errors import DataError, RecipeError
from recognition.lab.data.ferplus import COUNT_COLUMNS
from recognition.lab.training.chain import (
    ChainStep,
    TrainDetectorStep,
    TrainStep,
    list_chains,
    read_chain,
)
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES
from recognition.lab.training.recipe import RECIPES
from recognition.lab.training.reproduction import Reproduction
from recognition.models.cards import Card, load_card, load_cards, verified_weights
from tests.recognition.face_images import write_face_images
from tests.recognition.shape_images import TINY_RECIPE, write_shapes
from tools import chain_drawings

pytestmark = pytest.mark.usefixtures("one_thread")

TAUGHT = """
[distillation]
teachers = ["first.safetensors"]
"""
CHAIN = """
title = "Small"
[[steps]]
kind = "train"
name = "first"
recipe = "{folder}/first.toml"
data = "shapes"
seed = 3

[[steps]]
kind = "train"
name = "second"
recipe = "{folder}/second.toml"
data = "shapes"
seed = 4
hours = 0.5
weights = "first"
teachers = ["first"]

[[steps]]
kind = "fit-rejection"
name = "third"
model = "second"
data = "shapes"
unknown = [{{ folder = "others", limit = 20 }}]
hours = 0.1

[[steps]]
kind = "set-threshold"
name = "small"
model = "third"
data = "shapes"
uncertain = 0.6
"""


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A chain of all kinds of steps for images, its recipes and its data."""
    write_shapes(tmp_path / "data/shapes", {"train": 12, "val": 6})
    write_shapes(tmp_path / "data/others", {"": 10}, seed=1)
    (tmp_path / "first.toml").write_text(TINY_RECIPE)
    second = TINY_RECIPE.replace(
        '"tiny"', '"tiny"\nweights = "first.safetensors"\nweight_interpolation = 0.3'
    )
    (tmp_path / "second.toml").write_text(second + TAUGHT)
    file = tmp_path / "small.toml"
    file.write_text(CHAIN.format(folder=tmp_path))
    return file


def reproduction(
    chain: Path, out: str, report: Callable[[str], None], *, quick: bool = False
) -> Reproduction:
    return Reproduction(
        read_chain(str(chain)),
        chain.parent / "data",
        chain.parent / out,
        "cpu",
        report,
        quick=quick,
        workers=0,
    )


class InterruptOnce:
    """Stops a run the first time that each line with `part` is reported, times apart."""

    def __init__(self, part: str = "") -> None:
        self.part = part
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        place = line.partition(",")[0].partition("  train loss")[0]
        if self.part in line and place not in self.lines:
            self.lines.append(place)
            raise KeyboardInterrupt


def run_until_complete(
    chain: Path, out: str, report: Callable[[str], None], limit: int = 60
) -> tuple[Card, int]:
    for interruptions in range(limit):
        try:
            return reproduction(chain, out, report).run(), interruptions
        except KeyboardInterrupt:
            continue
    raise AssertionError("the chain makes no progress")


def test_a_chain_interrupted_anywhere_ends_in_the_same_weights(chain: Path) -> None:
    lines: list[str] = []
    expected = reproduction(chain, "straight", lines.append).run()
    report = InterruptOnce()

    card, interruptions = run_until_complete(chain, "interrupted", report)

    assert interruptions >= 12
    assert {"[2/4] second: epoch 2/2", "[4/4] small: set-threshold"} <= set(report.lines)
    assert card.sha256 == expected.sha256
    assert verified_weights(card, chain.parent / "interrupted/small").is_file()
    assert (card.name, card.training.chain, card.training.recipe) == (
        "small",
        "small",
        f"{chain.parent}/second.toml",
    )
    assert card.rejects_unknown
    assert card.thresholds["uncertain"] == 0.6
    assert card.training.data.endswith("distilled from first")
    assert any("min left" in line for line in lines)
    assert any(line.startswith("[2/4] second: complete; about") for line in lines)


def test_a_complete_chain_is_not_trained_again(chain: Path) -> None:
    reproduction(chain, "out", lambda line: None).run()
    lines: list[str] = []

    reproduction(chain, "out", lines.append).run()

    assert lines == [
        f"[{n}/4] {name}: complete" for n, name in enumerate(("first", "second", "third", "small"), 1)
    ]


def test_a_step_whose_weights_are_damaged_is_done_again(chain: Path) -> None:
    card = reproduction(chain, "out", lambda line: None).run()
    weights = chain.parent / "out/small/small.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])

    assert reproduction(chain, "out", lambda line: None).run() == card
    assert verified_weights(card, weights.parent)


def test_a_chain_does_not_continue_with_other_settings(chain: Path) -> None:
    reproduction(chain, "out", lambda line: None).run()
    recipe = chain.parent / "first.toml"
    recipe.write_text(recipe.read_text().replace("epochs = 2", "epochs = 3"))

    with pytest.raises(RecipeError, match="out/first was started with other settings"):
        reproduction(chain, "out", lambda line: None).run()


def test_missing_data_is_reported_before_the_first_step(chain: Path) -> None:
    (chain.parent / "data/others").rename(chain.parent / "elsewhere")
    lines: list[str] = []

    with pytest.raises(DataError, match="no others"):
        reproduction(chain, "out", lines.append).run()
    assert lines == []


def test_the_command_lists_and_runs_the_steps(
    chain: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(chain.parent)
    assert main(["reproduce", "small.toml", "--dry-run"]) == 0
    listed = capsys.readouterr().out
    assert f"2. second: train {chain.parent}/second.toml on shapes, seed 4, from first, 0.5 h" in listed
    assert "Folders below --data: others, shapes" in listed
    assert main(["reproduce", "small.toml"]) == 2

    assert main(["reproduce", "small.toml", "--data", "data", "--device", "cpu", "--quick"]) == 0

    assert "Wrote runs/reproduce_quick/small/small.safetensors" in capsys.readouterr().out
    assert load_card(Path("runs/reproduce_quick/small/small.json")).training.epochs == 1
    assert main(["reproduce", "large", "--data", "data"]) == 2
    assert "choose one of cbam_resnet, face_yolov8n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('weights = "first"', 'weights = "zeroth"'), "second needs zeroth"),
        (('weights = "first"\n', ""), "must either both name weights or neither"),
        (('teachers = ["first"]', ""), "differ in the number of teachers"),
        (('name = "second"', 'name = "first"'), "two steps are named first"),
        (('name = "small"', 'name = "other"'), "last step writes the weights small"),
        (('"set-threshold"', '"set-thresholds"'), "Invalid value 'set-thresholds'"),
        (("hours = 0.5", "hour = 0.5"), "no key 'steps.hour'; did you mean 'steps.hours'"),
    ],
)
def test_a_chain_that_cannot_run_is_refused(chain: Path, change: tuple[str, str], message: str) -> None:
    chain.write_text(chain.read_text().replace(*change, 1))

    with pytest.raises(RecipeError, match=message):
        read_chain(str(chain))


def test_a_detector_is_reproduced_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.detection.precision.WARM_RUNS", 0)
    monkeypatch.setattr("recognition.detection.precision.MEASURED_RUNS", 1)
    write_face_images(tmp_path / "data/faces", {"train": 8, "val": 2})
    write_shapes(tmp_path / "data/others", {"": 1})
    recipe = 'title = "Small"\nepochs = 1\nbatch = 4\nimage_size = 64\n[data]\nnegatives = {}\n'
    network = '[network]\narchitecture = "yolov8"\narguments = { width = 0.1, levels = 2 }\n'
    (tmp_path / "one.toml").write_text(recipe.format(0) + network)
    further = 'weights = "one.safetensors"\nweight_interpolation = 0.5\n'
    (tmp_path / "two.toml").write_text(recipe.format(2) + network + further)
    step = '[[steps]]\nkind = "train-detector"\ndata = "faces"\nrecipe = "{0}/{1}.toml"\nname = "{2}"\n'
    chain = tmp_path / "face.toml"
    further = 'weights = "one"\nnegatives = ["others"]\nbackgrounds = "others"\n'
    chain.write_text(
        'title = "Small"\n' + step.format(tmp_path, "one", "one") + step.format(tmp_path, "two", "face")
    )
    chain.write_text(chain.read_text() + further)
    report = InterruptOnce("epoch 1/1")

    card, interruptions = run_until_complete(chain, "out", report)

    assert interruptions == 2
    assert verified_weights(card, tmp_path / "out/face").is_file()
    assert (card.training.recipe, card.training.chain) == (f"{tmp_path}/two.toml", "face")
    assert card.evaluations
    assert card.training.images == 10


def write_fer2013(folder: Path, count: int) -> None:
    """Write FER2013 and FER+'s votes of noise: `count` images of each label to train on, two for val."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    with (
        (folder / "fer2013.csv").open("w", newline="") as images,
        (folder / "fer2013new.csv").open("w", newline="") as votes,
    ):
        image_rows, vote_rows = csv.writer(images), csv.writer(votes)
        image_rows.writerow(["emotion", "pixels", "Usage"])
        vote_rows.writerow(["Usage", "Image name", *COUNT_COLUMNS])
        for number in range(7 * (count + 2)):
            usage = "Training" if number < 7 * count else "PublicTest"
            pixels = random.integers(0, 256, 48 * 48)
            image_rows.writerow([number % 7, " ".join(map(str, pixels)), usage])
            vote_rows.writerow([usage, "", *np.eye(len(COUNT_COLUMNS), dtype=int)[number % 7] * 10])


# Eight networks of full size, and their graphs.
@pytest.mark.exhaustive
def test_the_chains_of_both_expression_models_run(tmp_path: Path) -> None:
    write_fer2013(tmp_path / "data/fer2013", 3)
    lines: list[str] = []

    def run(name: str) -> Card:
        steps = read_chain(name)
        return Reproduction(steps, tmp_path / "data", tmp_path / "out", "cpu", lines.append, quick=True).run()

    cards = [run("cbam_resnet"), run("se_resnet")]

    served = load_cards(Path(__file__).parents[2] / "weights")
    for card in cards:
        like = served[card.name]
        assert (card.architecture, card.arguments, card.parameters) == (
            like.architecture,
            like.arguments,
            like.parameters,
        )
        assert (card.limits, card.licence) == (like.limits[: len(card.limits)], like.licence)
        assert (card.training.recipe, card.training.chain) == (like.training.recipe, like.training.chain)
        assert card.training.data.split(", distilled")[1] == like.training.data.split(", distilled")[1]
    # What both chains share is trained once.
    assert sum(line.endswith("] se_resnet_wide: train") for line in lines) == 1


@pytest.mark.parametrize("name", list_chains())
def test_a_shipped_chain_ends_in_weights_that_name_it(name: str, project: Path) -> None:
    card = load_card(project / "weights" / f"{name}.json")
    steps = [each.step for each in read_chain(name)]
    trained = [step for step in steps if isinstance(step, TrainStep | TrainDetectorStep)]

    assert card.training.chain == name
    assert (card.training.recipe, card.training.seed) == (trained[-1].recipe, trained[-1].seed)
    epochs = {step.name: _epochs(step) for step in trained}
    expected = sum(epochs.values()) if card.task == "face_detector" else epochs[trained[-1].name]
    assert card.training.epochs == expected


def test_every_served_weights_file_has_a_chain(project: Path) -> None:
    assert set(list_chains()) == set(load_cards(project / "weights"))


@pytest.mark.parametrize("name", ["cbam_resnet", "face_yolov8n"])
def test_recipes_run_alone_name_the_parents_that_their_chain_names(name: str) -> None:
    recipes = {each.step.name: _recipe(each) for each in read_chain(name)}
    for each in read_chain(name):
        if isinstance(each.step, TrainStep):
            recipe = RECIPES.load(RECIPES.find(each.step.recipe))
            assert recipe.network.weights == _run_of(recipes.get(each.step.weights))
            assert list(recipe.distillation.teachers) == [
                _run_of(recipes[name]) for name in each.step.teachers
            ]
        elif isinstance(each.step, TrainDetectorStep):
            detector = DETECTOR_RECIPES.load(DETECTOR_RECIPES.find(each.step.recipe))
            assert detector.network.weights == _run_of(recipes.get(each.step.weights))


def test_the_commands_list_chains_and_detector_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)

    assert content["chains"] == list_chains()
    assert "detectors/face_1_scratch" in content["detector_recipes"]
    assert not set(content["recipes"]) & set(content["detector_recipes"])


def _recipe(each: ChainStep) -> str:
    return getattr(each.step, "recipe", "")


def _run_of(recipe: str | None) -> str:
    stem = (recipe or "").rpartition("/")[2]
    return f"runs/{stem}/{stem}.safetensors" if stem else ""


def _epochs(step: TrainStep | TrainDetectorStep) -> int:
    if isinstance(step, TrainStep):
        return RECIPES.load(RECIPES.find(step.recipe)).epochs
    return DETECTOR_RECIPES.load(DETECTOR_RECIPES.find(step.recipe)).epochs


def test_the_drawings_show_the_chains_as_they_are(project: Path) -> None:
    assert (project / "docs/experiments/chains.md").read_text("utf-8") == chain_drawings.page()

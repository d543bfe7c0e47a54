"""Comparisons and ablations: the same terms for all, resumed where they stopped, reported in four forms."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from recognition.cli import compare
from recognition.cli.main import main
from recognition.errors import RecipeError
from recognition.images.decoding import read_image_bgr
from recognition.lab.comparison.ablation import VARIANTS
from recognition.lab.comparison.answers import choose_samples
from recognition.lab.comparison.cost import measure_cost
from recognition.lab.comparison.entrant import Budget, in_epochs, read_entrants
from recognition.lab.comparison.report import in_thousands, worded_time
from recognition.lab.training.recipe import find_recipe, load_recipe
from recognition.models.cards import CardInput
from tests.recognition.shape_images import SHAPES, write_recipe, write_shapes

pytestmark = pytest.mark.usefixtures("one_thread")

# What is measured with a clock differs from run to run.
CLOCKED = ("images_per_s", "train_s")


@pytest.fixture(autouse=True, scope="module")
def hasty() -> Iterator[pytest.MonkeyPatch]:
    """Neither how fast the networks are nor how a training's curves look is the question here."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("recognition.lab.comparison.cost.MEASURED_S", 0.0)
        patched.setattr("recognition.lab.training.history.History.draw", lambda history, file: None)
        yield patched


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image is drawn once, by `finished`."""
    monkeypatch.setattr(
        "recognition.lab.comparison.publication.draw_report", lambda report, images, file: None
    )


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("data") / "shapes", {"train": 8, "val": 5, "test": 4})


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two recipes, the second with a wider network."""
    folder = tmp_path_factory.mktemp("recipes")
    narrow = write_recipe(folder / "narrow.toml")
    width = ('architecture = "tiny"', 'architecture = "tiny"\narguments = {width = 12}')
    return f"{narrow},{write_recipe(folder / 'wide.toml', width)}"


@pytest.fixture(scope="module")
def narrow(recipes: str) -> str:
    return recipes.partition(",")[0]


@pytest.fixture(scope="module")
def finished(recipes: str, shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a comparison of both leaves, evaluated on the test split."""
    out = tmp_path_factory.mktemp("finished") / "out"
    assert main(words(recipes, shapes, out, "--split", "test")) == 0
    return out


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "out"))


def words(recipes: str, shapes: Path, out: Path, *more: str) -> list[str]:
    return [
        "compare",
        "--recipes",
        recipes,
        "--data",
        str(shapes),
        "--device",
        "cpu",
        "--out",
        str(out),
        *more,
    ]


def unclocked(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what no two runs have in common."""
    report = {key: value for key, value in report.items() if key != "command"}
    report["entries"] = [
        {key: value for key, value in entry.items() if key not in CLOCKED} for entry in report["entries"]
    ]
    return report


def compared(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return report


def interrupt_at(monkeypatch: pytest.MonkeyPatch, line_start: str, after: str = "") -> None:
    """Press Ctrl-C when a line of progress starts so, once another has started with `after`."""
    heard: list[str] = []

    def speaker(_as_json: bool) -> Callable[[str], None]:
        def say(line: str) -> None:
            heard.append(line)
            if line.startswith(line_start) and any(before.startswith(after) for before in heard):
                raise KeyboardInterrupt

        return say

    monkeypatch.setattr(compare, "speaker", speaker)


def test_the_report_says_what_an_evaluation_of_the_written_weights_says(
    finished: Path, shapes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = compared(finished)

    assert [entry["name"] for entry in report["entries"]] == ["narrow", "wide"]
    for entry in report["entries"]:
        weights = finished / entry["name"] / f"{entry['name']}.safetensors"
        evaluate = ["evaluate", "--model", str(weights), "--data", str(shapes), "--split", "test", "--json"]
        assert main([*evaluate, "--device", "cpu"]) == 0
        alone = json.loads(capsys.readouterr().out)
        for key in ("accuracy", "ci95", "macro_precision", "macro_recall", "macro_f1", "confusion"):
            assert entry[key] == alone[key]
        assert report["n"] == alone["n"] == 12


@pytest.mark.parametrize(("line_start", "after"), [("epoch 1/", ""), ("epoch 2/", "wide")])
def test_an_interrupted_comparison_goes_on_and_gives_the_same_table(
    recipes: str,
    shapes: Path,
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line_start: str,
    after: str,
) -> None:
    again = words(recipes, shapes, tmp_path / "out", "--split", "test")
    with monkeypatch.context() as pressed:
        interrupt_at(pressed, line_start, after)
        assert main(again) == 130
    assert not (tmp_path / "out" / "report.json").exists()
    assert main(again) == 0

    assert unclocked(compared(tmp_path / "out")) == unclocked(compared(finished))


def test_what_is_trained_already_is_not_trained_again(
    recipes: str, shapes: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, weights = compared(copied), copied / "narrow" / "narrow.safetensors"
    written = weights.stat().st_mtime_ns
    (copied / "report.json").unlink()

    assert main(words(recipes, shapes, copied, "--split", "test", "--json")) == 0
    assert json.loads(capsys.readouterr().out) == compared(copied) == before
    assert weights.stat().st_mtime_ns == written


def test_another_split_is_asked_without_training_again(
    narrow: str, shapes: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(narrow, shapes, copied)) == 0

    assert "narrow is trained already" in capsys.readouterr().out
    report = compared(copied)
    assert (report["split"], report["n"], len(report["entries"])) == ("val", 15, 1)


@pytest.mark.parametrize("change", [("--seed", "1"), ("--epochs", "3"), ("--set", "optimiser.lr=0.5")])
def test_a_folder_started_on_other_terms_is_refused(
    narrow: str, shapes: Path, copied: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str]
) -> None:
    assert main(words(narrow, shapes, copied, *change)) == 2
    assert "was started with another" in capsys.readouterr().err


def test_the_budget_is_the_same_for_all(recipes: str, shapes: Path, tmp_path: Path) -> None:
    assert main(words(recipes, shapes, tmp_path / "out", "--epochs", "1", "--limit", "12")) == 0

    for entry in compared(tmp_path / "out")["entries"]:
        assert (entry["epochs"], entry["train_images"]) == (1, 12)


def test_every_form_of_the_report_says_the_same(finished: Path) -> None:
    report, page = compared(finished), (finished / "report.html").read_text("utf-8")
    markdown = (finished / "report.md").read_text("utf-8")

    for entry in report["entries"]:
        for written in (f"{entry['accuracy']:.3f}", f"{entry['macro_f1']:.3f}", f"{entry['parameters']:,}"):
            assert written in markdown
            assert written in page
    for sample in report["samples"]:
        assert sample["name"] in markdown
        assert sample["name"] in page
        assert set(sample["answers"]) == {"narrow", "wide"}
    assert "--recipes narrow.toml,wide.toml --data shapes" in markdown
    height, width = read_image_bgr(finished / "report.png").shape[:2]
    assert (height > 800, width > 1200) == (True, True)


def test_the_page_needs_nothing_from_elsewhere(finished: Path) -> None:
    page = (finished / "report.html").read_text("utf-8")

    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"|url\(|@import|https?://', page) == []
    assert "prefers-color-scheme: dark" in page
    assert str(finished.parent) not in page


@pytest.mark.parametrize(
    "wrong",
    [
        ("--split", "none"),
        ("--recipes", "none"),
        ("--epochs", "0"),
        ("--set", "data.labels=['circle', 'hexagon']"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_in_a_sentence(
    narrow: str, shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    assert main(words(narrow, shapes, tmp_path / "out", *wrong)) in {1, 2}
    assert capsys.readouterr().err.startswith("error: ")


def test_recipes_of_one_name_are_distinguished_by_their_folders() -> None:
    (own, other), both = (
        (load_recipe(find_recipe(name)) for name in ("best/hand_signs", "paper/hand_signs")),
        Budget(),
    )

    entrants = read_entrants(
        ("best/hand_signs", "paper/hand_signs"), Budget(overrides=("data.labels=['a']",))
    )

    assert [entrant.name for entrant in entrants] == ["best-hand_signs", "paper-hand_signs"]
    assert both.applied("best/hand_signs") == own != other


def test_recipes_of_other_labels_are_not_compared(tmp_path: Path) -> None:
    one = write_recipe(tmp_path / "one.toml")
    two = write_recipe(tmp_path / "two.toml", ("size_px = 24", 'size_px = 24\nlabels = ["circle", "square"]'))

    with pytest.raises(RecipeError, match="different labels"):
        read_entrants((str(one), str(two)), Budget())


def test_a_shorter_training_keeps_its_shape() -> None:
    recipe = load_recipe(
        find_recipe("best/se_resnet"), ("epochs=20", "plain_last_epochs=5", "optimiser.warmup_epochs=2.0")
    )

    shorter = in_epochs(recipe, 4)

    assert (shorter.epochs, shorter.plain_last_epochs, shorter.optimiser.warmup_epochs) == (
        4,
        1,
        pytest.approx(0.4),
    )


def test_the_cost_counts_two_flops_a_multiply_add() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 8 * 8, 3))

    cost = measure_cost(network, CardInput(8, 8, 1), "cpu")

    assert cost.macs == 8 * 8 * 4 * 9 + 4 * 8 * 8 * 3
    assert cost.flops == 2 * cost.macs
    assert cost.parameters == 4 * 9 + 4 + 4 * 8 * 8 * 3 + 3
    assert cost.images_per_s > 0


def test_samples_go_round_the_labels_and_are_the_same_each_time() -> None:
    targets = torch.arange(3).repeat_interleave(50).numpy()

    chosen = choose_samples(targets, seed=1)

    assert targets[chosen].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert chosen.tolist() == choose_samples(targets, seed=1).tolist()
    assert chosen.tolist() != choose_samples(targets, seed=2).tolist()


@pytest.mark.parametrize(
    ("count", "written"), [(950, "950"), (4_456_000_000, "4.46 G"), (60_856, "60.9 k"), (2_000_000, "2 M")]
)
def test_large_counts_are_shown_in_three_digits(count: int, written: str) -> None:
    assert in_thousands(count) == written


def test_durations_are_shown_in_hours_minutes_and_seconds() -> None:
    assert worded_time(3723.4) == "1:02:03"


def test_one_command_runs_both_ablations(shapes: Path, tmp_path: Path) -> None:
    narrow = ("network.arguments.widths=[16,16,16,16]", "data.size_px=24", "data.crop=24", "batch=8")
    settings = [word for value in narrow for word in ("--set", value)]
    out = tmp_path / "out"
    assert (
        main(
            [
                "ablate",
                "--data",
                str(shapes),
                "--epochs",
                "1",
                "--device",
                "cpu",
                "--out",
                str(out),
                *settings,
            ]
        )
        == 0
    )
    report = compared(out)

    assert [entry["name"] for entry in report["entries"]] == list(VARIANTS)
    plans = {name: json.loads((out / name / "plan.json").read_text("utf-8"))["recipe"] for name in VARIANTS}
    assert {plan["loss"]["kind"] for plan in plans.values()} == {"softmax", "a_softmax"}
    orders = [
        plan["network"]["arguments"]["attention_order"] for name, plan in plans.items() if name != "softmax"
    ]
    assert orders == ["channel_first", "spatial_first", "parallel", "none"]
    # Attention costs parameters, its order none; the angular head has no bias.
    parameters = [entry["parameters"] for entry in report["entries"]]
    assert parameters[1] == parameters[2] == parameters[3] > parameters[4]
    assert parameters[0] == parameters[1] + len(SHAPES)

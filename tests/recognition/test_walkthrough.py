"""Every command of docs/training.md does what the page says, in a folder of its own."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from recognition.cli.main import main
from recognition.detection.torch_yolo_network import empty_network
from recognition.folders import default_weights_folder
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES
from recognition.lab.training.recipe import MixturePart
from recognition.served_models import ServedModels

pytestmark = pytest.mark.usefixtures("one_thread")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = ".venv/bin/python -m recognition "


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like the project's, with weights/ and a Python in .venv/, to stand in."""
    weights = tmp_path / "weights"
    weights.mkdir()
    for file in default_weights_folder().iterdir():
        (weights / file.name).symlink_to(file.resolve())
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("WEIGHTS", str(weights))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(project: Path, language: str) -> list[str]:
    text = (project / "docs" / "training.md").read_text("utf-8")
    return [body for name, body in BLOCK.findall(text) if name == language]


def commands(block: str) -> list[str]:
    """The commands of a block: a line each, or a whole here-document."""
    return [block] if "<<" in block else block.splitlines()


def run(command: str) -> int:
    """Run one command; the library's own in this process, which has loaded torch already."""
    if command.startswith(PROGRAM):
        return main(shlex.split(command.removeprefix(PROGRAM)))
    return subprocess.run(["/bin/sh", "-c", command], timeout=60, check=False).returncode


def test_every_command_of_the_page_works(
    project: Path, house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.lab.comparison.cost.MEASURED_S", 0.0)
    recipe, _ = blocks(project, "toml")
    (house / "my_recipe.toml").write_text(recipe)

    for command in [command for block in blocks(project, "sh") for command in commands(block)]:
        assert run(command) == 0, f"{command}\n{capsys.readouterr().err}"

    run_folder = house / "runs" / "my_recipe"
    named = re.findall(r"`([\w.]+\.(?:safetensors|json|png|csv|jsonl|pt))`", _page(project))
    assert [name for name in named if name != "fer2013.csv" and not (run_folder / name).is_file()] == []
    assert (house / "runs" / "comparison" / "report.html").is_file()
    assert list((run_folder / "test").glob("*.png"))
    served = ServedModels.read(house / "weights").named("my_recipe")
    assert (served.title, served.labels) == ("My first model", ("circle", "square", "stripes"))
    assert "My first model: accuracy" in capsys.readouterr().out


def test_the_mixture_of_the_page_is_a_part_of_a_recipe(project: Path) -> None:
    (part,) = [block for block in blocks(project, "text") if block.startswith("[mixture]")]

    mixture = msgspec.convert(tomllib.loads(part)["mixture"], MixturePart)

    assert [source.name for source in mixture.sources] == ["fer2013", "expressions"]


def test_the_detector_recipe_of_the_page_describes_a_network(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "my_detector.toml"
    file.write_text(blocks(project, "toml")[1])
    part = DETECTOR_RECIPES.load(file).network

    network = empty_network(tmp_path, part.architecture, part.arguments)

    assert sum(parameter.numel() for parameter in network.parameters()) < 400_000


def _page(project: Path) -> str:
    """The part of the page that lists what a training leaves."""
    text = (project / "docs" / "training.md").read_text("utf-8")
    return text[text.index("## 3.") : text.index("## 4.")]


def test_the_network_that_the_page_adds_is_one(project: Path) -> None:
    (code,) = blocks(project, "python")
    names: dict[str, Any] = {"__name__": "small"}
    exec(compile(code, "small.py", "exec"), names)

    assert names["SmallNet"](classes=5, channels=3)(torch.zeros(2, 3, 40, 40)).shape == (2, 5)


def test_the_page_names_no_command_that_is_not_there(project: Path) -> None:
    from recognition.cli.main import COMMANDS

    text = (project / "docs" / "training.md").read_text("utf-8")
    table = text[text.index("## Further commands") : text.index("## Add a network")]
    named = {words.split()[0] for words in re.findall(r"^\| `([\w-]+(?: --\w+)?)`", table, re.MULTILINE)}

    assert named <= set(COMMANDS)
    assert named


def test_every_page_it_links_to_is_there(project: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (project / "docs" / "training.md").read_text("utf-8"))

    assert [link for link in links if not (project / "docs" / link).exists()] == []

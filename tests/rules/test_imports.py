"""Imports point one way: no circle, and the library stands alone."""

import ast
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.rules.sources import imported_names, module_name, python_files

HEAVY = ("torch", "torchvision", "ultralytics", "matplotlib", "openvino", "sklearn")


def _graph(project: Path, package: str, types_too: bool = False) -> dict[str, set[str]]:
    """The modules of a package and what they import; `types_too`: also what they import for types alone."""
    files = {module_name(path, project): path for path in python_files(project / package)}
    return {
        module: {
            name
            for name in imported_names(
                ast.parse(path.read_text("utf-8")), module, path.name == "__init__.py", types_too
            )
            if name in files and name != module and not module.startswith(f"{name}.")
        }
        for module, path in files.items()
    }


@pytest.mark.parametrize("package", ["emoweb", "recognition"])
def test_no_import_goes_in_a_circle(project: Path, package: str) -> None:
    try:
        TopologicalSorter(_graph(project, package)).prepare()
    except CycleError as circle:
        pytest.fail(f"import circle: {' -> '.join(circle.args[1])}")


def test_no_part_of_the_site_knows_what_is_built_from_it(project: Path) -> None:
    """Not even as a type: what a part needs is handed to it."""
    try:
        TopologicalSorter(_graph(project, "emoweb", types_too=True)).prepare()
    except CycleError as circle:
        pytest.fail(f"circle of types: {' -> '.join(circle.args[1])}")


def test_every_import_contract_holds(project: Path) -> None:
    """The contracts are in pyproject.toml; each says in its name what it is for."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_app_of_the_site_is_left_out_of_the_contracts(project: Path) -> None:
    contracts = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [apps] = [
        contract["layers"][1].split(" | ")
        for contract in contracts
        if contract.get("containers") == ["emoweb"]
    ]
    found = {path.parent.name for path in (project / "emoweb").glob("*/urls.py")}
    assert found <= set(apps)


def test_importing_the_library_loads_nothing_heavy(project: Path) -> None:
    code = f"import sys, recognition; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert loaded == []


def test_the_library_is_importable_without_django(project: Path) -> None:
    code = "import sys, recognition; print(*[name for name in sys.modules if name.startswith('django')])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert loaded == []

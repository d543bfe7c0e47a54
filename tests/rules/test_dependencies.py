"""The ranges of pyproject.toml, the locked versions and docs/dependencies.md agree."""

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import lock

SERVING = ("core", "site", "video")


@pytest.fixture(scope="module")
def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


def _npm(project: Path) -> dict[str, str]:
    package = json.loads((project / "package.json").read_text("utf-8"))
    return {**package["dependencies"], **package["devDependencies"]}


def _text(name: str) -> str:
    return (lock.FOLDER / f"{name}.txt").read_text("utf-8")


def _locked(*names: str) -> dict[str, str]:
    """Return the versions that the files and those that they include lock."""
    everything = {file for name in names for file in (name, *lock.included(name))}
    lines = {name: line for file in everything for name, line in lock.locked(_text(file)).items()}
    return {name: line.split()[0].removeprefix("==") for name, line in lines.items()}


def _ranges(pyproject: dict[str, Any], layer: lock.Layer) -> list[Requirement]:
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    lines = groups[layer.group] if layer.group else list(project["dependencies"])
    for extra in layer.extras:
        lines = [*lines, *project["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines if not line.startswith("emoweb[")]


def test_every_dependency_has_its_reason_and_license(project: Path, pyproject: dict[str, Any]) -> None:
    table = (project / "docs" / "dependencies.md").read_text("utf-8")
    rows = re.finditer(r"^\| `([^`]+)` \|[^|]*[^| ][^|]*\|[^|]*[^| ][^|]*\|$", table, re.MULTILINE)
    built_with = [Requirement(line).name for line in pyproject["build-system"]["requires"]]
    ranges = [found.name for layer in lock.LAYERS.values() for found in _ranges(pyproject, layer)]
    assert {row.group(1) for row in rows} == {*ranges, *built_with, *_npm(project)}


def test_every_front_end_library_is_pinned(project: Path) -> None:
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in _npm(project).values())


@pytest.mark.parametrize("name", lock.LAYERS)
def test_the_locked_versions_are_in_the_ranges(pyproject: dict[str, Any], name: str) -> None:
    locked = _locked(name)
    outside = [
        str(wanted)
        for wanted in _ranges(pyproject, lock.LAYERS[name])
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"))
    ]
    assert outside == [], "run tools/lock.py"


def test_every_extra_and_group_is_locked(pyproject: dict[str, Any]) -> None:
    locked = {name for layer in lock.LAYERS.values() for name in (*layer.extras, layer.group)}
    declared = {*pyproject["project"]["optional-dependencies"], *pyproject["dependency-groups"]}
    assert locked - {""} == declared
    assert {path.stem for path in lock.FOLDER.glob("*.txt")} == set(lock.LAYERS)


def test_a_package_has_one_version_in_all_files() -> None:
    pins = {
        (name, line.split()[0]) for file in lock.LAYERS for name, line in lock.locked(_text(file)).items()
    }
    assert len(pins) == len({name for name, _ in pins})


@pytest.mark.parametrize("name", lock.LAYERS)
def test_every_line_is_an_exact_version_with_hashes_or_an_included_file(name: str) -> None:
    text = _text(name)
    blocks = [f"{package}{lines}\n" for package, lines in lock.locked(text).items()]
    includes = [f"-r {include}.txt\n" for include in lock.LAYERS[name].includes]
    assert text == "".join([lock.HEADER, *includes, *blocks])
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("names", [SERVING, ("train",), ("dev",)], ids="+".join)
def test_nothing_that_a_locked_package_needs_is_missing(names: tuple[str, ...]) -> None:
    """They are installed without resolving anything."""
    locked = _locked(*names)
    missing = []
    for package in locked:
        try:
            lines = requires(package) or []
        except PackageNotFoundError:  # for another version of Python
            continue
        needed = [Requirement(line) for line in lines]
        found = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
        missing += [f"{package}: {one}" for one in found if canonicalize_name(one.name) not in locked]
    assert missing == []


def test_serving_on_a_cpu_installs_none_of_the_large_packages() -> None:
    assert not {"torch", "torchvision", "ultralytics-opencv-headless", "scikit-learn"} & set(
        _locked(*SERVING)
    )


def test_the_file_of_the_full_set_includes_every_layer_of_serving_and_training(project: Path) -> None:
    lines = re.findall(
        r"^-r requirements/(\w+)\.txt$", (project / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    assert set(_locked(*lines)) == set(_locked(*SERVING, "train"))


def test_other_platforms_get_the_ranges_behind_the_files() -> None:
    light = lock.ranges(["requirements/site.txt", "requirements/video.txt"])
    assert [Requirement(line).name for line in light if line.startswith(("Django", "av", "numpy"))] == [
        "numpy",
        "Django",
        "av",
    ]
    assert not [line for line in light if line.startswith("torch")]
    everything = {Requirement(line).name for line in lock.ranges(["requirements-dev.txt"])}
    assert {"numpy", "av", "torch", "scikit-learn", "pytest"} <= everything

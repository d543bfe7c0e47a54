"""A reader can follow a live frame: it passes few modules, and the architecture page names them."""

from pathlib import Path

import pytest

from tests.frame_path import PACKAGES, frame_path

MOST = {"emoweb": 11, "recognition": 21}


@pytest.fixture(scope="module")
def path() -> list[str]:
    return frame_path()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_live_frame_passes_few_modules(path: list[str], package: str) -> None:
    passed = [module for module in path if module.startswith(package)]
    assert 0 < len(passed) <= MOST[package], "\n".join(passed)


def test_the_walk_of_a_live_frame_names_the_sites_modules(path: list[str], project: Path) -> None:
    text = (project / "docs" / "architecture.md").read_text("utf-8")
    walk = text.partition("## A live frame")[2].partition("\n## ")[0]
    files = [f"{module.rpartition('.')[2]}.py" for module in path if module.startswith("emoweb")]
    assert [file for file in files if f"{file}`" not in walk] == []

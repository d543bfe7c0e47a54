"""Every task is described once, in the registry: no other source file names one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition import TASKS
from tests.rules.sources import python_files

REGISTRY = "recognition/models/tasks.py"
# Where a task's name is something else, by file: the name, and what it is there.
OTHER_MEANINGS = {
    "recognition/lab/data/fer2013.py": {"emotion": "a column of the FER2013 CSV"},
    "emoweb/photo/views.py": {"places": "the page's descriptions of places"},
    "static/js/photo/photo_page.js": {"places": "the page's descriptions of places"},
    "static/js/photo/place_card.js": {"places": "the page's descriptions of places"},
}
# A quoted name, or a key or property of an object.
IN_SCRIPTS = r"""["'`]{name}["'`]|\b{name}:\s*[{{"'`]|(?<!\.)\.{name}\b(?!\()"""
IN_TEMPLATES = r"""==\s*["']{name}["']|=["']{name}["']"""


def _strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _matching(path: Path, pattern: str) -> set[str]:
    source = path.read_text("utf-8")
    return {name for name in TASKS if re.search(pattern.format(name=name), source)}


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (IN_SCRIPTS, 'hidden = task !== "emotion";'),
        (IN_SCRIPTS, "const NAMES = { emotion: { title } };"),
        (IN_SCRIPTS, "texts.tasks.emotion.title"),
        (IN_TEMPLATES, '<p data-of="emotion">'),
        (IN_TEMPLATES, '{% if card.task == "emotion" %}'),
    ],
)
def test_a_name_is_found(tmp_path: Path, pattern: str, line: str) -> None:
    source = tmp_path / "source"
    source.write_text(line)
    assert _matching(source, pattern) == {"emotion"}


@pytest.mark.parametrize(
    "line", ['export const SUBPROTOCOL = "emotion.v1";', "emotions", "const places = [...places];"]
)
def test_other_words_are_fine(tmp_path: Path, line: str) -> None:
    source = tmp_path / "source"
    source.write_text(line)
    assert _matching(source, IN_SCRIPTS) == set()


def _named(project: Path) -> Iterator[tuple[str, set[str]]]:
    """Each source file of the product, with the tasks that it names."""
    for folder in ("recognition", "emoweb", "tools", "clients"):
        for path in python_files(project / folder):
            yield str(path.relative_to(project)), _strings(path) & TASKS.keys()
    for path in sorted((project / "static" / "js").rglob("*.js")):
        yield str(path.relative_to(project)), _matching(path, IN_SCRIPTS)
    for path in sorted((project / "templates").rglob("*.html")):
        yield str(path.relative_to(project)), _matching(path, IN_TEMPLATES)


def test_only_the_registry_names_tasks(project: Path) -> None:
    named = {file: names for file, names in _named(project) if names}
    assert named.pop(REGISTRY) == TASKS.keys()
    assert named == {file: set(names) for file, names in OTHER_MEANINGS.items()}

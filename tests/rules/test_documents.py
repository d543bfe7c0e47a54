"""The documents say what the code does: version, settings, messages."""

import re
import tomllib
from pathlib import Path

import pytest

from emoweb import variables
from emoweb.environment import Variable
from emoweb.live import protocol
from recognition import folders
from tests.rules.sources import python_files
from tools import settings_table


def test_the_version_is_the_changelogs_newest(project: Path) -> None:
    """A development version has its changes under "Unreleased"."""
    version = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.search(r"^## (\S+)", (project / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == ("Unreleased" if ".dev" in version else version)


def test_the_site_reports_the_same_version(project: Path) -> None:
    from django.conf import settings

    version = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert version == settings.VERSION


def test_the_settings_page_shows_what_the_code_declares(project: Path) -> None:
    text = (project / "docs" / "settings.md").read_text("utf-8")
    assert text == settings_table.page(text), "run tools/settings_table.py"


def _messages() -> set[str]:
    server = {str(answer.__struct_config__.tag) for answer in protocol.Answer.__subclasses__()}
    return server | {"hello", *protocol._READERS}


def _close_codes() -> set[str]:
    return {str(value) for name, value in vars(protocol).items() if name.startswith("CLOSED_")}


@pytest.mark.parametrize("word", sorted({*_messages(), *_close_codes(), *protocol.DROP_REASONS}))
def test_the_protocols_page_names(project: Path, word: str) -> None:
    assert f"\n| `{word}` |" in (project / "docs" / "protocol.md").read_text("utf-8")


READS_THE_ENVIRONMENT = {
    "emoweb/settings.py",  # what emoweb/variables.py declares
    "recognition/folders.py",  # what the library declares: it works without the site
    "recognition/detection/torch_yolo_network.py",  # sets variables for ultralytics
    "emoweb/asgi.py",  # names Django's settings module
    "emoweb/__main__.py",  # names it too
}


def test_the_environment_is_read_in_one_place_of_the_site_and_one_of_the_library(project: Path) -> None:
    reads = re.compile(r"\b(?:os\.environ|getenv|from os import)\b")
    found = {
        str(path.relative_to(project))
        for folder in ("emoweb", "recognition")
        for path in python_files(project / folder)
        if reads.search(path.read_text("utf-8"))
    }
    assert found == READS_THE_ENVIRONMENT


def test_each_declared_variable_is_read_once(project: Path) -> None:
    settings = (project / "emoweb" / "settings.py").read_text("utf-8")
    declared = [name for name, value in vars(variables).items() if isinstance(value, Variable)]
    assert sorted(re.findall(r"_read\(variables\.(\w+)\)", settings)) == sorted(declared)
    assert settings.count("os.environ") == 1
    names = [variable.name for variable in (*variables.VARIABLES, *folders.VARIABLES)]
    assert len(names) == len(set(names))

"""The library and the site use the same folders: one place reads the variables that name them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emoweb import data_folder
from recognition import folders
from recognition.folders import default_cache_folder, default_weights_folder

CLONE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("variables", "weights", "cache"),
    [
        ({}, CLONE / "weights", CLONE / ".cache"),
        ({"WEIGHTS": "/srv/weights"}, Path("/srv/weights"), Path("/srv/.cache")),
        ({"WEIGHTS": " "}, CLONE / "weights", CLONE / ".cache"),
        ({"EMOWEB_CACHE": "/srv/cache"}, CLONE / "weights", Path("/srv/cache")),
    ],
)
def test_the_environment_names_the_folders(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], weights: Path, cache: Path
) -> None:
    for name in ("WEIGHTS", "EMOWEB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (default_weights_folder(), default_cache_folder()) == (weights, cache)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that both packages take for the one that they are installed in."""
    (tmp_path / "_data").mkdir()
    monkeypatch.setattr(folders, "_PACKAGE", tmp_path)
    monkeypatch.setattr(data_folder, "_PACKAGE", tmp_path)
    for name in ("WEIGHTS", "EMOWEB_CACHE", "DATA_DIR", "EMOWEB_DATA_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/alice/data")
    return tmp_path / "_data"


def test_an_installed_package_has_its_files_inside_and_its_data_with_the_user(installed: Path) -> None:
    assert data_folder.site_files() == installed
    assert default_weights_folder() == installed / "weights"
    assert data_folder.default_data_folder() == Path("/home/alice/data/emoweb")
    assert default_cache_folder() == Path("/home/alice/data/emoweb/cache")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["DATA_DIR", "EMOWEB_DATA_FOLDER"])
def test_the_prepared_models_of_an_installed_package_are_in_its_data_folder(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/srv/emoweb")
    monkeypatch.setenv("WEIGHTS", "/srv/weights")
    assert default_cache_folder() == Path("/srv/emoweb/cache")
    monkeypatch.setenv("EMOWEB_CACHE", "/srv/cache")
    assert default_cache_folder() == Path("/srv/cache")


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("/srv/new", "", "/srv/new"),
        ("", "/srv/old", "/srv/old"),
        ("/srv/same", "/srv/same", "/srv/same"),
        ("/srv/new", "/srv/old", "DATA_DIR"),
    ],
)
def test_the_data_folder_has_an_older_name_and_both_may_not_differ(new: str, old: str, expected: str) -> None:
    code = (
        "from emoweb import settings as s; print(*[p.name for p in s.SETTINGS_PROBLEMS] or [s.DATA_FOLDER])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CLONE,
        env={**os.environ, "DATA_DIR": new, "EMOWEB_DATA_FOLDER": old},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected

"""What every test stands on: a data folder of its own, Django's settings, the pictures where they are."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

# Before the settings are imported: no test touches the database or the key of the site in this folder.
_DATA_FOLDER = tempfile.mkdtemp(prefix="emoweb-tests-")
os.environ["EMOWEB_DATA_FOLDER"] = _DATA_FOLDER
# Here and not in pyproject.toml: pytest-django would import the settings before this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "emoweb.settings"
# ultralytics looks names up and installs packages on import unless configured otherwise.
os.environ.update({"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "0", "YOLO_CONFIG_DIR": _DATA_FOLDER})


def pytest_unconfigure() -> None:
    shutil.rmtree(_DATA_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return PROJECT


@pytest.fixture(scope="session")
def emoweb_data() -> Path:
    """The folder with the data sets (EMOWEB_DATA, default ../shared/data); skips where it is absent."""
    folder = Path(os.environ.get("EMOWEB_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data sets at {folder}: set EMOWEB_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def signs(emoweb_data: Path) -> dict[str, bytes]:
    """A JPEG of each signed digit, by somebody whom the model has not learnt from."""
    file = emoweb_data / "hand_digits.zip"
    if not file.is_file():
        pytest.skip("no hand_digits.zip among the data sets")
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if "/test/" in name and not name.endswith("/"))
        first = {name.split("/")[-2]: name for name in reversed(names)}
        return {label: archive.read(name) for label, name in first.items()}


@pytest.fixture(scope="session")
def zidane_jpg() -> Path:
    """A 1280 x 720 JPEG with two large faces, from ultralytics' own assets."""
    from recognition.samples import two_faces_file

    return two_faces_file()


@pytest.fixture
def temporary_folder() -> Iterator[Path]:
    """A folder outside pytest's own tree, for tests that change its permissions."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)

"""What every test needs: a data folder of its own, Django's settings, the images, and a repeatable run."""

import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT = Path(__file__).resolve().parent.parent

# Before the settings are imported: no test touches the database or the key of the site in this folder.
_DATA_FOLDER = tempfile.mkdtemp(prefix="emoweb-tests-")
os.environ["EMOWEB_DATA_FOLDER"] = _DATA_FOLDER
# Here and not in pyproject.toml: pytest-django would import the settings before this file.
os.environ["DJANGO_SETTINGS_MODULE"] = "emoweb.settings"
# ultralytics looks names up and installs packages on import unless configured otherwise.
os.environ.update({"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "0", "YOLO_CONFIG_DIR": _DATA_FOLDER})
# One thread a process: threads of torch that wait for each other cost several times what they compute, the
# more so while other tests use the cores. Set before torch is imported, here and in what the tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in each run, however busy the machine is; `make test-all` draws more, and new ones.
_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", _ANY_SPEED, derandomize=True, max_examples=50)
settings.register_profile("exhaustive", _ANY_SPEED, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
BROWSER_TIMEOUT_S = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright leaves an event loop running, which Django's ORM refuses.

    pytest-xdist hands out whole modules in this order (`--dist loadscope --no-loadscope-reorder`), so that no
    process has anything but browsers to do once it has started them. Of these the modules with the most tests
    come first, and no process is left alone with a long one.
    """
    sizes = Counter(item.path for item in items if item.get_closest_marker("browser"))
    items.sort(key=lambda item: (item.path in sizes, -sizes[item.path]))
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(BROWSER_TIMEOUT_S))


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
    from recognition.lab.evaluation.samples import two_faces_file

    return two_faces_file()


@pytest.fixture
def temporary_folder() -> Iterator[Path]:
    """A folder outside pytest's own tree, for tests that change its permissions."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)

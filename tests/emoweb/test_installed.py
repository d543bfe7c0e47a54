"""The site without torch, from the clone and as an installed package: every page, and where it writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.environments import built_wheel, install, site_python
from tests.processes import PROJECT, free_port

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]
READY_S = 240
LINK = re.compile(r'(?:href|src)="(/[^"#?]*)')
LARGEST_WHEEL_BYTES = 60_000_000


class Browser:
    """A client that keeps cookies."""

    def __init__(self, address: str) -> None:
        """Open nothing yet."""
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page; the text is empty for other files."""
        try:
            with self._opener.open(f"{self._address}{path}", timeout=30) as response:
                is_page = response.headers.get_content_type() in {"text/html", "application/json"}
                content = response.read()
                return response.status, content.decode() if is_page else ""
        except urllib.error.HTTPError as error:
            return error.code, ""

    def walk(self, start: str) -> dict[str, int]:
        """Return the status of every page and file that links lead to."""
        found: dict[str, int] = {}
        waiting = [start]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path], text = self.get(path)
                waiting += LINK.findall(text)
        return found


@contextmanager
def served(command: list[str | Path], folder: Path, log: Path, **environment: str) -> Iterator[Browser]:
    """Serve a site from a folder once it is ready, and stop it at the end."""
    port = free_port()
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("EMOWEB_", "DJANGO_"))
    }
    variables |= {"HOST": "127.0.0.1", "PORT": str(port), "DEVICE": "cpu", **environment}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=output)
    try:
        browser = Browser(f"http://127.0.0.1:{port}")
        _wait_until_ready(browser, process, log)
        yield browser
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_ready(browser: Browser, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if browser.get("/health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the site did not get ready:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution of this clone."""
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_every_page_opens_where_torch_is_not_installed(tmp_path: Path) -> None:
    command: list[str | Path] = [site_python(), "-m", "emoweb", "serve"]
    environment = {"EMOWEB_CACHE": str(tmp_path / "cache"), "DATA_DIR": str(tmp_path / "data")}
    with served(command, PROJECT, tmp_path / "log", ACCOUNTS="optional", **environment) as browser:
        pages = browser.walk("/")
    assert {path: status for path, status in pages.items() if status != 200} == {}
    known = {"/", "/photo/", "/video/", "/history/", "/models/", "/privacy/", "/api/", "/account/login/"}
    assert known <= set(pages)
    assert any("/vendor/uplot/" in path for path in pages)
    without = subprocess.run([site_python(), "-c", "import torch"], capture_output=True, check=False)
    assert b"No module named 'torch'" in without.stderr


def test_the_wheel_has_what_the_packages_need_beside_their_code(wheel: Path) -> None:
    assert wheel.stat().st_size < LARGEST_WHEEL_BYTES
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    weights = {f"recognition/_data/weights/{file.name}" for file in (PROJECT / "weights").iterdir()}
    templates = {
        f"emoweb/_data/{file.relative_to(PROJECT)}" for file in (PROJECT / "templates").rglob("*.html")
    }
    vendor = {
        f"emoweb/_data/static/vendor/uplot/{name}" for name in ("LICENSE", "uPlot.esm.js", "uPlot.min.css")
    }
    assert weights | templates | vendor | {"emoweb/_data/locale/vi/LC_MESSAGES/django.mo"} <= names
    assert vendor == {name for name in names if "/vendor/" in name}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"emoweb", "recognition"}


def test_an_installed_package_works_in_an_empty_folder_and_writes_to_its_data_folder_only(
    wheel: Path, empty: Path, tmp_path: Path
) -> None:
    package, data = tmp_path / "package", tmp_path / "data"
    emoweb = install(wheel, package)
    image = PROJECT / "tests" / "browser" / "astronaut.jpg"
    before = _files(package)
    environment = {
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATA_DIR": str(data),
    }

    code = f"from recognition import Recognizer; print(Recognizer()({str(image)!r}).faces[0].label)"
    recognized = subprocess.run(
        [site_python(), "-c", code],
        cwd=empty,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (recognized.stdout, recognized.stderr) == ("happy\n", "")
    predicted = subprocess.run(
        [site_python(), emoweb, "predict", image, "--json", "--device", "cpu"],
        cwd=empty,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [face["label"] for face in json.loads(predicted.stdout)["faces"]] == ["happy"]
    with served([site_python(), emoweb, "serve"], empty, tmp_path / "log", **environment) as browser:
        status, health = browser.get("/health")
        assert (status, json.loads(health)["status"]) == (200, "ready")
        pages = browser.walk("/")
    assert {path: status for path, status in pages.items() if status != 200} == {}
    assert {"cache", "emoweb.sqlite3", "secret_key", "staticfiles"} <= {path.name for path in data.iterdir()}
    assert list(empty.iterdir()) == []
    assert _files(package) == before


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}

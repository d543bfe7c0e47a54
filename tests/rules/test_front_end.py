"""The front-end libraries' served files: named once, and downloaded only as npm's lock file states them."""

import base64
import hashlib
import io
import re
import tarfile
from pathlib import Path

import pytest

from tools import front_end


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> front_end.Library:
    """A registry in a folder, with one library that is not in node_modules/."""
    tarball = tmp_path / "@charts" / "line" / "-" / "line-1.2.3.tgz"
    tarball.parent.mkdir(parents=True)
    with tarfile.open(tarball, "w:gz") as tar:
        for name, content in {
            "LICENSE": b"MIT",
            "dist/line.js": b"export {};",
            "README.md": b"# Line",
        }.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    monkeypatch.setenv("npm_config_registry", tmp_path.as_uri())
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()}"
    return front_end.Library("@charts/line", "1.2.3", integrity, "", ("LICENSE", "dist/line.js"))


def test_only_the_served_files_are_taken(registry: front_end.Library) -> None:
    assert front_end.served_files(registry) == {"LICENSE": b"MIT", "dist/line.js": b"export {};"}


def test_another_file_than_the_locked_one_is_refused(registry: front_end.Library) -> None:
    other = registry._replace(integrity="sha512-" + base64.b64encode(bytes(64)).decode())
    with pytest.raises(front_end.FrontEndError, match=r"@charts/line 1\.2\.3 is not the one"):
        front_end.served_files(other)


def test_a_registry_that_does_not_answer_is_reported(registry: front_end.Library) -> None:
    with pytest.raises(front_end.FrontEndError, match=r"npm registry cannot be reached.*npm_config_registry"):
        front_end.served_files(registry._replace(version="1.2.4"))


def test_the_environment_and_then_npmrc_name_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    monkeypatch.setattr(front_end, "PROJECT", tmp_path / "project")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert front_end.configured_registry() == ""
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://npm.example.org/\n")
    assert front_end.configured_registry() == "https://npm.example.org/"
    monkeypatch.setenv("npm_config_registry", "https://mirror.example.org")
    assert front_end.configured_registry() == "https://mirror.example.org"


def test_every_library_file_that_a_page_loads_is_listed(project: Path) -> None:
    sources = [*(project / "templates").rglob("*.html"), *(project / "static").rglob("*.js")]
    loaded = {name for file in sources for name in re.findall(r"vendor/([\w./-]+)", file.read_text("utf-8"))}
    listed = {
        f"{library.name}/{name.removeprefix('dist/')}"
        for library in front_end.libraries()
        for name in library.files
    }
    assert loaded
    assert loaded <= listed
    assert all("LICENSE" in library.files for library in front_end.libraries())

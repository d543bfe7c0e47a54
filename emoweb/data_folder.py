"""The folder that contains the site's database and secret key."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

KEY_BYTES = 64


def made_folder(folder: Path) -> Path:
    """Create the folder and return it; system check emoweb.E002 reports a failure."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def kept_secret_key(folder: Path) -> str:
    """Return the secret key stored in `folder`; the first call creates it, readable by its owner only.

    In a folder that cannot be written, the key only lasts as long as the process: the system check
    then names the folder, which a traceback out of the settings would not.
    """
    path = folder / "secret_key"
    try:
        return _read_key(path) or _make_key(path)
    except OSError:
        return secrets.token_urlsafe(KEY_BYTES)


def _read_key(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _make_key(path: Path) -> str:
    # Written to a temporary file, then linked: two processes that start together read the same key.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES))
    if path.exists():
        path.unlink()  # empty: the disk was full
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return _read_key(path)

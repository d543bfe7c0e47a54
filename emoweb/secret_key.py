"""The secret key, made once and kept in a file only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 64


def secret_key_in(folder: Path) -> str:
    """Return the key kept in `folder`, making both at the first call.

    A folder that cannot be written gives a key that lives as long as the process: the system check
    emoweb.E002 then says what to do, which a traceback from the settings would not.
    """
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _kept_key(path)
    except OSError:
        return secrets.token_urlsafe(KEY_BYTES)


def _kept_key(path: Path) -> str:
    if not path.exists() or not path.read_text().strip():
        _make_key(path)
    return path.read_text().strip()


def _make_key(path: Path) -> None:
    # Written beside and moved into place: two processes that start together never read half a key.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES))
    if path.exists() and path.read_text().strip():
        draft.unlink()
    else:
        draft.replace(path)

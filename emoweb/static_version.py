"""The version in the URL of static files: a digest of their contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def static_version(folders: Iterable[Path]) -> str:
    """Return twelve hexadecimal digits that change with any file below the folders.

    Plain file names under a versioned prefix can be cached for ever, and `import "./b.js"` needs no
    rewriting. A missing folder counts as empty.
    """
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]

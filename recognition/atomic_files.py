"""Writes files under a temporary name first, so that the final name never refers to a partial file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_files(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder; when the block succeeds, its files move to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)

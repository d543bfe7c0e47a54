"""Writes files under a temporary name first, so that the final name never refers to a partial file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_files(folder: Path) -> Iterator[Path]:
    """Give a folder for files; when the block succeeds they move to `folder`, beside what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)

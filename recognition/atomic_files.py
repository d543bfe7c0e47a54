"""Writes files under a temporary name first, so that the final name never refers to a partial file."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_folder(final: Path) -> Iterator[Path]:
    """Give a folder to fill; when the block succeeds it is named `final`, in place of what stood there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent) as name:
        folder = Path(name) / "unfinished"
        folder.mkdir()
        yield folder
        if final.exists():
            shutil.rmtree(final)
        folder.rename(final)


@contextmanager
def complete_files(folder: Path) -> Iterator[Path]:
    """Give a folder for files; when the block succeeds they move to `folder`, beside what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)

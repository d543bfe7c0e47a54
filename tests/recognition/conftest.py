"""What several of the library's tests stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Tiny networks lose more by waiting for a second thread than they win."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiles(emoweb_data: Path) -> Path:
    """The published FER2013 as lossless grids of tiles."""
    folder = emoweb_data / "fer2013"
    if not (folder / "labels.csv").is_file():
        pytest.skip(f"no FER2013 at {folder}")
    return folder

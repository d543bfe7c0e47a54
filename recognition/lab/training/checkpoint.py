"""The resumable state of a training run, written atomically."""

from pathlib import Path
from typing import Any

import torch


class Checkpoint:
    """A file in a run's folder: tensors and plain values, read back without unpickling objects."""

    def __init__(self, folder: Path, name: str = "checkpoint.pt") -> None:
        self.file = folder / name

    @property
    def exists(self) -> bool:
        """Whether there is something to resume."""
        return self.file.is_file()

    def save(self, state: dict[str, Any]) -> None:
        """Write a state over the one before."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(self.file)

    def load(self, device: torch.device) -> dict[str, Any]:
        """Read the state back, its tensors onto `device`."""
        return dict(torch.load(self.file, map_location=device, weights_only=True))

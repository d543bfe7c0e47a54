"""The resumable state of a training, written whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from recognition.errors import RecipeError

if TYPE_CHECKING:
    from recognition.training.loop import Training


class Checkpoint:
    """`checkpoint.pt` in a run's folder: tensors and plain values, read back without unpickling objects."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "checkpoint.pt"

    @property
    def exists(self) -> bool:
        """Whether there is something to resume."""
        return self.file.is_file()

    def save(self, training: "Training", epochs_done: int) -> None:
        """Write the state after `epochs_done` epochs, over the one before."""
        state = {
            "epochs_done": epochs_done,
            "seed": training.seed,
            "network": training.network.state_dict(),
            "average": training.average.state_dict() if training.average else None,
            "optimiser": training.optimiser.state_dict(),
            "history": training.history.as_dicts,
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(self.file)

    def load(self, training: "Training") -> int:
        """Put a saved state back into `training`; return how many epochs are done."""
        state = torch.load(self.file, map_location=training.device, weights_only=True)
        if state["seed"] != training.seed:
            raise RecipeError(
                f"{self.file} was begun with seed {state['seed']}; resume with the same --seed."
            )
        training.network.load_state_dict(state["network"])
        if training.average is not None:
            training.average.load_state_dict(state["average"])
        training.optimiser.load_state_dict(state["optimiser"])
        training.history.restore(state["history"])
        return int(state["epochs_done"])

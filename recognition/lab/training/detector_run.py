"""One training run of a face detector: its recipe, and what the recipe does not know."""

from dataclasses import dataclass
from pathlib import Path

from recognition.errors import RecipeError
from recognition.lab.training.detector_recipe import DetectorRecipe


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What to train, on which data, and into which folder.

    `start`: the weights file that the recipe continues from, None for random weights. `negatives`: folders of
    images without faces. `limit`: number of training images to use, 0 for all. `workers`: number of processes
    that read images.
    """

    recipe: DetectorRecipe
    data: Path
    out: Path
    device: str = "cpu"
    seed: int = 0
    start: Path | None = None
    negatives: tuple[Path, ...] = ()
    limit: int = 0
    workers: int = 8

    def __post_init__(self) -> None:
        if self.recipe.data.negatives and not self.negatives:
            raise RecipeError("The recipe trains on images without faces: pass their folders (--negatives).")
        if bool(self.recipe.network.weights) != (self.start is not None):
            raise RecipeError("A run starts from a weights file if its recipe names one, and only then.")

    @property
    def is_cuda(self) -> bool:
        """Whether it runs on a CUDA device."""
        return self.device.startswith("cuda")

    @property
    def is_half(self) -> bool:
        """Whether the forward pass runs in bf16."""
        precision = self.recipe.precision
        return precision == "bf16" or (precision == "auto" and self.is_cuda)

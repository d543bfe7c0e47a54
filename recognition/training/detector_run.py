"""What a training of the face detector is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recognition.errors import RecipeError
from recognition.training.blending import check_start_share

PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What to train, from where, and into which folder.

    `weights`: a safetensors file to start from, None for random ones. `start_share`: of those in the result,
    0..1. `left_out`: subsets of the data set's manifest that are not trained on. `negatives`: a folder of
    pictures without faces, of which at most `negatives_limit`, drawn by the seed, are trained on as such.
    `sheets`: how many pictures of four of them side by side are, too. `smooth`: how many made pictures of
    slopes and patches are, too. `webcam`: share of the pictures that lose light, focus and detail. `covered`:
    share of the faces of which a side is hidden. `precision`: of the net's forward pass, "fp32" or "bf16";
    "auto" is bf16 on CUDA. `settings`: further arguments of ultralytics' trainer, by its names.
    """

    data: Path
    out: Path
    image_size: int = 320
    epochs: int = 30
    batch: int = 32
    device: str = "cpu"
    precision: str = "auto"
    seed: int = 0
    weights: Path | None = None
    start_share: float = 0.0
    left_out: frozenset[str] = frozenset()
    negatives: Path | None = None
    negatives_limit: int = 500
    sheets: int = 0
    smooth: int = 0
    webcam: float = 0.0
    covered: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.image_size < 32 or self.image_size % 32:
            raise RecipeError(f"The image size {self.image_size} is not a multiple of 32; choose 320, say.")
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise RecipeError(f"There is no precision {self.precision!r}; choose one of {known}.")
        if self.epochs < 1 or self.batch < 1:
            raise RecipeError("A training has at least one epoch, and a batch at least one picture.")
        if self.sheets and self.negatives is None:
            raise RecipeError("Sheets are made of the pictures without faces; name their folder, too.")
        if self.sheets and self.image_size < 64:
            raise RecipeError("Sheets show four pictures of at least 32 px; choose an image size from 64 on.")
        check_start_share(self.start_share, has_start=self.weights is not None)

    @property
    def is_cuda(self) -> bool:
        """Whether it runs on a CUDA device."""
        return self.device.startswith("cuda")

    @property
    def is_half(self) -> bool:
        """Whether the forward pass runs in bf16."""
        return self.precision == "bf16" or (self.precision == "auto" and self.is_cuda)

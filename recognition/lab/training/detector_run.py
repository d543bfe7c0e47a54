"""The options of a training run of the face detector."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recognition.errors import RecipeError
from recognition.lab.training.weight_averaging import check_weight_interpolation

PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What to train, from where, and into which folder.

    `weights`: a safetensors file to start from, None for random ones. `weight_interpolation`: their weight in
    the average with the trained ones, 0..1. `left_out`: subsets of the data set's manifest that are not
    trained on. `negatives`: a folder of images without faces, of which at most `negatives_limit`, drawn by
    the seed, are trained on. `negative_mosaics`: number of mosaics of four negatives.
    `synthetic_negatives`: number of generated images of gradients and patches. `degrade`: fraction of images
    that lose light, focus and detail. `occlusion`: fraction of faces with one side hidden. `precision`: of
    the forward pass, "fp32" or "bf16"; "auto" is bf16 on CUDA. `settings`: further arguments of ultralytics'
    trainer, by its names.
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
    weight_interpolation: float = 0.0
    left_out: frozenset[str] = frozenset()
    negatives: Path | None = None
    negatives_limit: int = 500
    negative_mosaics: int = 0
    synthetic_negatives: int = 0
    degrade: float = 0.0
    occlusion: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.image_size < 32 or self.image_size % 32:
            raise RecipeError(f"The image size {self.image_size} is not a multiple of 32; choose 320, say.")
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise RecipeError(f"There is no precision {self.precision!r}; choose one of {known}.")
        if self.epochs < 1 or self.batch < 1:
            raise RecipeError("A training has at least one epoch, and a batch at least one image.")
        if self.negative_mosaics and self.negatives is None:
            raise RecipeError("Mosaics are made of images without faces: pass their folder with --negatives.")
        if self.negative_mosaics and self.image_size < 64:
            raise RecipeError("Mosaics show four images of at least 32 px: choose an image size from 64 px.")
        check_weight_interpolation(self.weight_interpolation, has_start=self.weights is not None)

    @property
    def is_cuda(self) -> bool:
        """Whether it runs on a CUDA device."""
        return self.device.startswith("cuda")

    @property
    def is_half(self) -> bool:
        """Whether the forward pass runs in bf16."""
        return self.precision == "bf16" or (self.precision == "auto" and self.is_cuda)

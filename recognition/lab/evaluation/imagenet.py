"""Top-1 and top-5 of a network on ImageNet's validation images, a batch at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from recognition.devices import resolve_device
from recognition.errors import DataError, WeightsError
from recognition.lab.data.imagenet import ImageNetValidation
from recognition.lab.evaluation.metrics import Targets, wilson_interval
from recognition.networks.loading import PUBLISHED, build_network, fill
from recognition.networks.published import published_state
from recognition.types import UInt8Array

CLASSES, TOP = 1000, 5
RESIZE_PX, CROP_PX = 256, 224
OWN_CROP_PX = {"alexnet": 227}
# Of the pixels that torchvision's weights were trained on (red, green, blue), in 0..1.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Those of efficientnet_lite0 were trained by TensorFlow, with one value for all three.
OWN_PIXELS = {"efficientnet_lite0": ((127 / 255,) * 3, (128 / 255,) * 3)}


def evaluate_on_imagenet(
    architecture: str,
    weights: str,
    data: Path,
    solution: Path,
    device: str,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Report on the images of a flat folder by the challenge's solution; also name unreadable files.

    `weights` as `read_state` takes them; the network has as many classes as they have.
    Raises DataError and WeightsError.
    """
    state = read_state(weights, architecture)
    classes = count_classes(architecture, state)
    images = ImageNetValidation(
        data,
        solution,
        classes=classes,
        resize_px=RESIZE_PX,
        crop_px=OWN_CROP_PX.get(architecture, CROP_PX),
    )
    network = build_network(architecture, classes=classes, channels=3)
    try:
        fill(network, state)
    except RuntimeError as error:
        raise WeightsError(f"The weights {weights} are not those of {architecture}: {error}") from error
    pixels_network = FromColours(network, *OWN_PIXELS.get(architecture, (MEAN, STD)))
    hits = count_hits(pixels_network, images, torch.device(resolve_device(device)), progress)
    if not hits.n:
        raise DataError(f"No image in {data} can be read; download them again.")
    return hits.report, tuple(images.unreadable)


@dataclass
class Hits:
    """How many images were seen, and how often the right class was first or among the first five."""

    n: int = 0
    first: int = 0
    among_five: int = 0

    def add(self, logits: Tensor, targets: Tensor) -> None:
        """Count one batch: logits (n, classes), targets (n,)."""
        found = logits.topk(min(TOP, logits.shape[1])).indices == targets[:, None]
        self.n += len(targets)
        self.first += int(found[:, 0].sum())
        self.among_five += int(found.any(dim=1).sum())

    @property
    def report(self) -> dict[str, Any]:
        """Fractions with their 95 % intervals."""
        return {
            "n": self.n,
            "accuracy": self.first / self.n,
            "ci95": list(wilson_interval(self.first, self.n)),
            "top5": self.among_five / self.n,
            "top5_ci95": list(wilson_interval(self.among_five, self.n)),
        }


def count_hits(
    network: nn.Module,
    batches: Iterable[tuple[UInt8Array, Targets]],
    device: torch.device,
    progress: Callable[[int], None] = lambda done: None,
) -> Hits:
    """Let a network that takes pixels (n, h, w, 3) uint8 RGB answer batch after batch; none is kept."""
    network, hits = network.eval().to(device), Hits()
    with torch.inference_mode():
        for images, targets in batches:
            hits.add(network(torch.from_numpy(images).to(device)).cpu(), torch.from_numpy(targets))
            progress(hits.n)
    return hits


class FromColours(nn.Module):
    """A network that takes pixels (n, h, w, 3) uint8 RGB, normalized per channel in 0..1."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("std", torch.tensor(std)[:, None, None])

    def forward(self, pixels: Tensor) -> Tensor:
        images = (pixels.permute(0, 3, 1, 2).to(torch.float32) / 255 - self.mean) / self.std
        logits: Tensor = self.network(images)
        return logits


def read_state(source: str, architecture: str) -> dict[str, Tensor]:
    """Return `published` weights, or those of a .safetensors file or of torch's file of a state dict.

    Of torch's file only tensors are taken; nothing in it is run. Raises WeightsError.
    """
    if source == PUBLISHED:
        return published_state(architecture)
    file = Path(source)
    if not file.is_file():
        raise WeightsError(f"{file} is missing; pass a weights file, or {PUBLISHED!r}.")
    return _read_safetensors(file) if file.suffix == ".safetensors" else _read_torch_file(file)


def count_classes(architecture: str, state: dict[str, Tensor]) -> int:
    """Return the number of classes of weights: the length of the last parameter; 1000 where it is missing."""
    with torch.device("meta"):
        *_, (last, _) = build_network(architecture, channels=3).named_parameters()
    return len(state[last]) if last in state else CLASSES


def _read_safetensors(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise WeightsError(f"{file} is not a safetensors file ({error}); download it again.") from error


def _read_torch_file(file: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"{file} is not torch's file of plain tensors; download it again.") from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsError(f"{file} contains more than a state dict; save only `network.state_dict()`.")
    return state

"""Memory format and precision of a training run: the fastest on this machine, measured once."""

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from recognition.lab.training.recipe import Recipe

STEPS = 2


@dataclass(frozen=True)
class Precision:
    """`dtype` of the forward pass (weights stay fp32) and the memory format of images and weights."""

    dtype: str
    memory_format: str

    @property
    def is_half(self) -> bool:
        """Whether the forward pass runs in bf16."""
        return self.dtype == "bf16"

    @property
    def layout(self) -> torch.memory_format:
        """The memory format as torch names it."""
        return torch.channels_last if self.memory_format == "channels_last" else torch.contiguous_format

    def __str__(self) -> str:
        return f"{self.dtype} {self.memory_format}"


CANDIDATES = tuple(
    Precision(dtype, layout) for dtype in ("fp32", "bf16") for layout in ("channels_last", "contiguous")
)


def choose_precision(
    recipe: Recipe, network: nn.Module, image: Tensor, device: torch.device, memory: Path
) -> Precision:
    """Return the recipe's precision; for `auto` the fastest for this network, measured once into `memory`.

    The order differs between processors, and what was measured is kept so that the same seed goes on giving
    the same result. `image`: one training image (c, h, w), on `device`.
    """
    if recipe.precision != "auto":
        return Precision(recipe.precision, "channels_last")
    key = json.dumps(
        [
            recipe.network.architecture,
            recipe.network.arguments,
            list(image.shape),
            _name(device),
            torch.__version__,
        ]
    )
    known: dict[str, list[str]] = json.loads(memory.read_text()) if memory.is_file() else {}
    if key not in known:
        chosen = min(CANDIDATES, key=lambda candidate: _seconds(candidate, network, image, device))
        known[key] = [chosen.dtype, chosen.memory_format]
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps(known, indent=1))
    return Precision(*known[key])


def _seconds(candidate: Precision, network: nn.Module, image: Tensor, device: torch.device) -> float:
    """Time of a few training passes of a copy, after one to warm up."""
    trial = deepcopy(network).to(device=device, memory_format=candidate.layout).train()  # type: ignore[call-overload]
    images = image.expand(16, -1, -1, -1).contiguous(memory_format=candidate.layout)
    times = []
    for _ in range(1 + STEPS):
        started = perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=candidate.is_half):
            output = trial(images)
        output.float().logsumexp(1).sum().backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(perf_counter() - started)
    return min(times[1:])


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"

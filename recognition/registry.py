"""Architecture names and where they live; a module is imported when its net is first built."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from recognition.errors import ArchitectureUnknown

if TYPE_CHECKING:
    from torch import nn


class Architecture(NamedTuple):
    """Where a net's class is, and its original input and classes."""

    path: str
    input_chw: tuple[int, int, int]
    classes: int


ARCHITECTURES: dict[str, Architecture] = {
    "se_resnet": Architecture("recognition.networks.se_resnet:SEResNet", (1, 48, 48), 7),
    "tiny": Architecture("recognition.networks.tiny:TinyNet", (1, 48, 48), 7),
}

# Built by ultralytics from its own description, so they have no class here.
DETECTOR_ARCHITECTURES = frozenset({"yolov8n"})


def build_network(architecture: str, **arguments: Any) -> "nn.Module":
    """Build a net with fresh weights; raise ArchitectureUnknown for a name that is not registered."""
    if architecture not in ARCHITECTURES:
        raise ArchitectureUnknown(
            f"There is no architecture {architecture!r}; choose one of {', '.join(sorted(ARCHITECTURES))}."
        )
    module, name = ARCHITECTURES[architecture].path.split(":")
    network: nn.Module = getattr(import_module(module), name)(**arguments)
    return network

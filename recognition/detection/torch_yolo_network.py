"""ultralytics' YOLOv8 with one class, at any width and depth, loaded from safetensors."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recognition.errors import ArchitectureUnknown, RecipeError, WeightsError

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURE = "yolov8n"
DEFINITION = "yolov8n.yaml"
# Backbone and head for two and three levels (strides).
# An entry: [from, repeats, module, arguments], as in ultralytics' own files.
_STEM = [
    [-1, 1, "Conv", [64, 3, 2]],
    [-1, 1, "Conv", [128, 3, 2]],
    [-1, 3, "C2f", [128, True]],
    [-1, 1, "Conv", [256, 3, 2]],
    [-1, 6, "C2f", [256, True]],  # 4: stride 8
    [-1, 1, "Conv", [512, 3, 2]],
    [-1, 6, "C2f", [512, True]],  # 6: stride 16
]
_UPSAMPLE = [-1, 1, "nn.Upsample", [None, 2, "nearest"]]
_THREE_LEVELS = {
    "backbone": [
        *_STEM,
        [-1, 1, "Conv", [1024, 3, 2]],
        [-1, 3, "C2f", [1024, True]],
        [-1, 1, "SPPF", [1024, 5]],  # 9: stride 32
    ],
    "head": [
        _UPSAMPLE,
        [[-1, 6], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],  # 12
        _UPSAMPLE,
        [[-1, 4], 1, "Concat", [1]],
        [-1, 3, "C2f", [256]],  # 15
        [-1, 1, "Conv", [256, 3, 2]],
        [[-1, 12], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],  # 18
        [-1, 1, "Conv", [512, 3, 2]],
        [[-1, 9], 1, "Concat", [1]],
        [-1, 3, "C2f", [1024]],  # 21
        [[15, 18, 21], 1, "Detect", ["nc"]],
    ],
}
_TWO_LEVELS = {
    "backbone": [*_STEM, [-1, 1, "SPPF", [512, 5]]],  # 7: stride 16
    "head": [
        _UPSAMPLE,
        [[-1, 4], 1, "Concat", [1]],
        [-1, 3, "C2f", [256]],  # 10
        [-1, 1, "Conv", [256, 3, 2]],
        [[-1, 7], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],  # 13
        [[10, 13], 1, "Detect", ["nc"]],
    ],
}
_DEPTH, _WIDTH, _MAX_CHANNELS, _LEVELS = 0.33, 0.25, 1024, 3
CLASS_NAMES = {0: "face"}


def keep_ultralytics_offline(config_folder: Path) -> None:
    """Set what ultralytics reads at its import, so that it asks no network and installs nothing.

    `config_folder`: where it writes its own settings. Variables that are set already stay.
    """
    for name, value in (
        ("YOLO_OFFLINE", "true"),
        ("YOLO_AUTOINSTALL", "0"),
        ("YOLO_VERBOSE", "false"),
        ("YOLO_CONFIG_DIR", str(config_folder)),
    ):
        os.environ.setdefault(name, value)
    Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)


def build_network(
    weights_file: Path,
    config_folder: Path,
    architecture: str = ARCHITECTURE,
    arguments: Mapping[str, Any] | None = None,
) -> "nn.Module":
    """Return the unfused network in float32, in evaluation mode.

    `architecture` and `arguments` are those of the weights' card. Raises WeightsError when `weights_file`
    does not hold exactly this network's tensors.
    """
    from safetensors.torch import load_file

    network = empty_network(config_folder, architecture, arguments)
    state = {
        name: value.float() if value.is_floating_point() else value
        for name, value in load_file(weights_file).items()
    }
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise WeightsError(
            f"{weights_file} is not a {architecture} with one class; pass a file written by train-detector."
        ) from error
    return network.eval()


def empty_network(
    config_folder: Path, architecture: str = ARCHITECTURE, arguments: Mapping[str, Any] | None = None
) -> "nn.Module":
    """Return the network with random weights, and what ultralytics' tools expect on it."""
    keep_ultralytics_offline(config_folder)
    from ultralytics.cfg import DEFAULT_CFG_DICT
    from ultralytics.nn.tasks import DetectionModel
    from ultralytics.utils import IterableSimpleNamespace

    network: Any = DetectionModel(_description(architecture, arguments or {}), nc=1, verbose=False)
    network.args = IterableSimpleNamespace(**DEFAULT_CFG_DICT)
    network.task = "detect"
    network.names = dict(CLASS_NAMES)
    return network  # type: ignore[no-any-return]


def _description(architecture: str, arguments: Mapping[str, Any]) -> str | dict[str, Any]:
    """Return what ultralytics builds a network from; raise ArchitectureUnknown or RecipeError."""
    sizes = {name: value for name, value in arguments.items() if name != "classes"}
    if architecture == ARCHITECTURE and not sizes:
        return DEFINITION
    if architecture != "yolov8":
        raise ArchitectureUnknown(f"There is no detector {architecture!r} with {sizes}; choose yolov8.")
    known = {"depth": _DEPTH, "width": _WIDTH, "max_channels": _MAX_CHANNELS, "levels": _LEVELS}
    if unknown := sizes.keys() - known.keys():
        raise RecipeError(f"yolov8 has no argument {', '.join(sorted(unknown))}; use {', '.join(known)}.")
    depth, width, most, levels = (known | sizes).values()
    if levels not in (2, 3):
        raise RecipeError(f"yolov8 has 2 or 3 levels, not {levels}.")
    layers = _TWO_LEVELS if levels == 2 else _THREE_LEVELS
    return {"nc": 1, "scales": {"x": [depth, width, most]}, "scale": "x", **layers}


def raw_maps(network: "nn.Module") -> "nn.Module":
    """Wrap a network in evaluation mode so that it returns (box logits, score logits), undecoded.

    This changes `network` itself.
    """
    from torch import Tensor, nn

    class RawMaps(nn.Module):
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            _scores, maps = self.network(images)
            return maps["boxes"], maps["scores"]

    changed: Any = network
    # The head would decode every cell, by code that cannot be traced for all sizes; we decode few.
    changed.model[-1]._inference = lambda maps: maps["scores"]
    return RawMaps(changed).eval().requires_grad_(False)

"""ultralytics' YOLOv8n with one class, loaded from safetensors."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recognition.errors import WeightsError

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURE = "yolov8n"
DEFINITION = "yolov8n.yaml"
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


def build_network(weights_file: Path, config_folder: Path) -> "nn.Module":
    """Return the unfused network in float32, in evaluation mode.

    Raises WeightsError when `weights_file` does not hold exactly this network's tensors.
    """
    from safetensors.torch import load_file

    network = empty_network(config_folder)
    state = {
        name: value.float() if value.is_floating_point() else value
        for name, value in load_file(weights_file).items()
    }
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise WeightsError(
            f"{weights_file} is not a {ARCHITECTURE} with one class; pass a file written by train-detector."
        ) from error
    return network.eval()


def empty_network(config_folder: Path) -> "nn.Module":
    """Return the network with random weights, and what ultralytics' tools expect on it."""
    keep_ultralytics_offline(config_folder)
    from ultralytics.cfg import DEFAULT_CFG_DICT
    from ultralytics.nn.tasks import DetectionModel
    from ultralytics.utils import IterableSimpleNamespace

    network: Any = DetectionModel(DEFINITION, nc=1, verbose=False)
    network.args = IterableSimpleNamespace(**DEFAULT_CFG_DICT)
    network.task = "detect"
    network.names = dict(CLASS_NAMES)
    return network  # type: ignore[no-any-return]


def raw_maps(network: "nn.Module") -> "nn.Module":
    """Wrap a network in evaluation mode so that it returns (box logits, score logits), undecoded.

    `network` itself is changed by that.
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

"""YOLOv8's graph run by torch, in half precision on CUDA."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from recognition.detection.torch_yolo_network import ARCHITECTURE, build_network, raw_maps
from recognition.types import FloatArray, UInt8Array


class TorchYolo:
    """A `YoloNetwork` that takes a whole batch at once."""

    def __init__(
        self,
        weights_file: Path,
        device: str,
        config_folder: Path,
        architecture: str = ARCHITECTURE,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Load `weights_file` onto `device`: half on `cuda`, float on `cpu`."""
        self._device = torch.device(device)
        self._dtype = torch.half if self._device.type == "cuda" else torch.float
        network: Any = build_network(weights_file, config_folder, architecture, arguments)
        network.fuse(verbose=False)  # batch norms into the convolutions
        self._network = raw_maps(network).to(self._device, self._dtype).to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def __call__(self, inputs_bgr: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """Return the raw maps; see `YoloNetwork`."""
        pixels = torch.from_numpy(inputs_bgr).to(self._device)
        images_rgb = pixels.flip(3).permute(0, 3, 1, 2).to(self._dtype) / 255
        boxes, scores = self._network(images_rgb)
        return boxes.float().cpu().numpy(), scores.float().cpu().numpy()

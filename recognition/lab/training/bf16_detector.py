"""Trains the detector in bf16 on a CPU: ultralytics supports mixed precision only on accelerators."""

from typing import Any

import torch
from ultralytics.nn.tasks import DetectionModel


class Bf16DetectionModel(DetectionModel):
    """YOLO whose convolutions run in bf16 while it trains; its losses stay in fp32, as do its weights."""

    def predict(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        """Return the raw maps of images (n, 3, h, w), in fp32."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.training):
            maps = super().predict(x, *args, **kwargs)
        return _in_fp32(maps)


def _in_fp32(maps: Any) -> Any:
    if isinstance(maps, torch.Tensor):
        return maps.float()
    if isinstance(maps, dict):
        return {name: _in_fp32(value) for name, value in maps.items()}
    return type(maps)(_in_fp32(value) for value in maps) if isinstance(maps, (list, tuple)) else maps

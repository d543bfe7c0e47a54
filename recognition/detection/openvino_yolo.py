"""YOLOv8's graph run by OpenVINO on a CPU."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import openvino
from openvino.passes import ConstantFolding, Manager

from recognition.types import FloatArray, UInt8Array

MAX_SHAPES = 5  # compiled at a time; each holds its own copy of the weights and 20 to 40 MB in all


class OpenVinoYolo:
    """A `YoloNetwork` that compiles a graph once for each input shape it encounters.

    A model of dynamic shape would need one copy only, but ran unreliably when shapes alternate.
    """

    def __init__(self, graph: Path, precision: str) -> None:
        """Read `graph` (.onnx); `precision` is `f32` or `bf16`, never left to the processor."""
        self._core = openvino.Core()
        self._model = self._core.read_model(graph)
        # Done once, so that new shapes compile faster and the weights no longer depend on their file.
        folding = Manager()
        folding.register_pass(ConstantFolding())
        folding.run_passes(self._model)
        self._settings = settings(precision)
        self._requests: OrderedDict[tuple[int, int], openvino.InferRequest] = OrderedDict()

    def __call__(self, inputs_bgr: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """Return the raw maps; see `YoloNetwork`."""
        request = self._request(inputs_bgr.shape[1], inputs_bgr.shape[2])
        boxes, scores = [], []
        # One by one: with two cores a batch gains nothing, and its size would be one more shape to compile.
        for start in range(len(inputs_bgr)):
            results = request.infer([inputs_bgr[start : start + 1]])
            boxes.append(results[0][0].copy())  # the request writes over its tensors
            scores.append(results[1][0].copy())
        return np.stack(boxes), np.stack(scores)

    def _request(self, height: int, width: int) -> openvino.InferRequest:
        shape = (height, width)
        if shape not in self._requests:
            if len(self._requests) >= MAX_SHAPES:
                self._requests.popitem(last=False)
            self._model.reshape([1, height, width, 3])
            self._requests[shape] = self._core.compile_model(
                self._model, "CPU", self._settings
            ).create_infer_request()
        self._requests.move_to_end(shape)
        return self._requests[shape]


def settings(precision: str) -> dict[str, object]:
    """OpenVINO's settings for one frame at a time in `precision` (`f32` or `bf16`)."""
    return {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        # The server's own threads share the cores: pinned ones wait for them (25 instead of 20 ms a frame).
        "ENABLE_CPU_PINNING": False,
    }


def precisions() -> tuple[str, ...]:
    """The precisions this processor computes in, `f32` first."""
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("f32", "bf16") if "BF16" in able else ("f32",)

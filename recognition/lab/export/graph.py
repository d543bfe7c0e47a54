"""Writes a model's graph: ONNX from uint8 pixels on, its weights left in the `.safetensors` file."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import onnx
import torch
from onnxscript import optimizer
from torch import Tensor, nn

from recognition.atomic_files import complete_files
from recognition.detection.letterbox import STRIDE
from recognition.detection.torch_yolo_network import build_network, raw_maps
from recognition.folders import default_cache_folder
from recognition.models.architectures import DETECTOR_ARCHITECTURES
from recognition.models.cards import Card, CardInput, verified_weights
from recognition.models.graphs import KEY, graph_file, graph_key
from recognition.networks.loading import FromPixels, load_network

FLOAT = onnx.TensorProto.FLOAT
STORED_TYPES = {"F32": FLOAT, "F16": onnx.TensorProto.FLOAT16, "BF16": onnx.TensorProto.BFLOAT16}
# Precedes a tensor's own name: both wrappers hold their network under it.
WRAPPED = "network."


class DetectorFromPixels(nn.Module):
    """YOLOv8 from pixels BGR uint8 (n, height, width, 3) to its raw maps; see `YoloNetwork`."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.raw = raw_maps(network)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        images_rgb = pixels.permute(0, 3, 1, 2).flip(1).to(torch.float32) / 255
        maps: tuple[Tensor, Tensor] = self.raw(images_rgb)
        return maps


def write_graph(card: Card, folder: Path) -> Path:
    """Write the graph of a card, whose verified weights are in `folder`, beside them; raise WeightsError."""
    weights = verified_weights(card, folder)
    if card.architecture in DETECTOR_ARCHITECTURES:
        program = _detector_program(card, weights)
    else:
        network = FromPixels(load_network(card, folder), card.input, card.outputs).eval()
        program = onnx_program(network, example_pixels(card.input), ["logits"])
    model = _without_weights(program.model_proto, weights)
    model.metadata_props.add(key=KEY, value=graph_key(card))
    with complete_files(folder) as unfinished:
        graph_file(card, unfinished).write_bytes(model.SerializeToString(deterministic=True))
    return graph_file(card, folder)


def onnx_program(
    network: nn.Module, example: Tensor, outputs: list[str], sides: Mapping[int, Any] | None = None
) -> torch.onnx.ONNXProgram:
    """Convert a network to ONNX without optimization, for any count of images and of the given sides."""
    program: object = torch.onnx.export(
        network,
        (example,),
        input_names=["pixels"],
        output_names=outputs,
        dynamic_shapes=({0: torch.export.Dim("count"), **(sides or {})},),
        optimize=False,
        verbose=False,
    )
    return cast("torch.onnx.ONNXProgram", program)  # None for the old exporter


def example_pixels(card_input: CardInput) -> Tensor:
    """Return two images: a count of one would be taken for a constant."""
    sides = (card_input.height, card_input.width)
    if card_input.channels == 1:
        return torch.zeros((2, *sides), dtype=torch.uint8)
    # Planes in memory, as the network sees them: interleaved, torch would pool by way of memory strides.
    return torch.zeros((2, card_input.channels, *sides), dtype=torch.uint8).permute(0, 2, 3, 1)


def _detector_program(card: Card, weights: Path) -> torch.onnx.ONNXProgram:
    config = default_cache_folder() / "ultralytics"
    network = DetectorFromPixels(build_network(weights, config, card.architecture, card.arguments)).eval()
    example = torch.zeros(2, 64, 96, 3, dtype=torch.uint8)
    sides = {1: STRIDE * torch.export.Dim("rows"), 2: STRIDE * torch.export.Dim("columns")}
    return onnx_program(network, example, ["boxes", "scores"], sides)


def _without_weights(model: onnx.ModelProto, weights: Path) -> onnx.ModelProto:
    """Optimize a graph whose every weight stays a tensor of the weights file."""
    stored = _stored_tensors(weights)
    graph = model.graph
    names = {tensor.name: tensor.name.partition(WRAPPED)[2] for tensor in graph.initializer}
    names = {name: stored_name for name, stored_name in names.items() if stored_name in stored}
    # The weights become inputs: otherwise the optimizer would merge batch norms into convolutions.
    constants = [tensor for tensor in graph.initializer if tensor.name not in names]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    graph.input.extend(
        onnx.helper.make_tensor_value_info(name, FLOAT, stored[stored_name].dims)
        for name, stored_name in names.items()
    )
    model = optimizer.optimize(model)
    graph = model.graph
    del graph.input[1:]
    graph.initializer.extend(stored[stored_name] for stored_name in names.values())
    nodes = [
        onnx.helper.make_node("Cast", [stored_name], [name], to=FLOAT) for name, stored_name in names.items()
    ]
    nodes += graph.node
    for node in nodes:
        for field in ("name", "doc_string", "metadata_props"):
            node.ClearField(field)
    del graph.node[:]
    graph.node.extend(nodes)
    graph.ClearField("value_info")
    model.ClearField("metadata_props")
    return model


def _stored_tensors(weights: Path) -> dict[str, onnx.TensorProto]:
    """References to the tensors of a `.safetensors` file: 8 bytes of length, a JSON header, the data."""
    with weights.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header: dict[str, Any] = json.loads(stream.read(length))
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") not in STORED_TYPES:
            continue
        start, end = entry["data_offsets"]
        tensor = onnx.TensorProto(
            name=name,
            dims=entry["shape"],
            data_type=STORED_TYPES[entry["dtype"]],
            data_location=onnx.TensorProto.EXTERNAL,
        )
        place = {"location": weights.name, "offset": 8 + length + start, "length": end - start}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        tensors[name] = tensor
    return tensors

"""Exports a card's network for other programs: from uint8 pixels, as `FromPixels` takes them, to logits."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
import torch

from recognition.atomic_files import complete_files
from recognition.errors import ExportDiffers
from recognition.lab.export.graph import example_pixels, onnx_program
from recognition.models.cards import Card, CardInput
from recognition.networks.loading import FromPixels, load_network
from recognition.types import FloatArray, UInt8Array

LARGEST_DIFFERENCE = 1e-3  # of a probability
# Noise on grids of so many cells a side, from blotches to grain. None is flat: a network that standardizes
# contrast would answer for the rounding errors alone.
CHECKED_GRIDS = (2, 3, 4, 6, 8, 16, 32, 64)
OPENVINO_F32 = {"INFERENCE_PRECISION_HINT": "f32"}


@dataclass(frozen=True)
class Exported:
    """A finished export: its file, what it takes, and how far its probabilities are from torch's at most."""

    file: Path
    pixels_shape: tuple[int, ...]
    largest_difference: float


def export_network(card: Card, weights_folder: Path, export_format: str, out: Path) -> Exported:
    """Write a card's network into `out`, once its answers to some images are torch's.

    Raises WeightsError for the weights, and ExportDiffers, in which case nothing is left behind.
    """
    write, run, suffix = FORMATS[export_format]
    network = FromPixels(load_network(card, weights_folder), card.input, card.outputs).eval()
    with complete_files(out) as folder:
        write(network, card.input, folder / f"{card.name}{suffix}")
        difference = _largest_difference(network, card, run(folder / f"{card.name}{suffix}"))
        if difference > LARGEST_DIFFERENCE:
            raise ExportDiffers(
                f"The {export_format} export of {card.name} differs from torch by {difference:.1e} in a "
                "probability, so it was not kept; choose another format."
            )
    return Exported(out / f"{card.name}{suffix}", pixels_shape(card.input), difference)


def pixels_shape(card_input: CardInput) -> tuple[int, ...]:
    """The shape of one image: (height, width) in gray, (height, width, 3) in RGB."""
    sides = (card_input.height, card_input.width)
    return sides if card_input.channels == 1 else (*sides, card_input.channels)


def write_openvino(network: FromPixels, card_input: CardInput, file: Path) -> None:
    """Convert to OpenVINO's `.xml` and `.bin` files, in full precision and for any batch size."""
    with _quiet_tracing():
        model = openvino.convert_model(network, example_input=example_pixels(card_input))
    model.reshape([-1, *pixels_shape(card_input)])
    openvino.save_model(model, file, compress_to_fp16=False)


def write_onnx(network: FromPixels, card_input: CardInput, file: Path) -> None:
    """Convert to one ONNX file, for any count of images."""
    program = onnx_program(network, example_pixels(card_input), ["logits"])
    program.optimize()
    program.save(file)


def write_torchscript(network: FromPixels, card_input: CardInput, file: Path) -> None:
    """Trace to TorchScript, which torch alone reads, in Python and C++."""
    with _quiet_tracing():
        trace: Any = torch.jit.trace
        trace(network, example_pixels(card_input), check_trace=False).save(str(file))


Run = Callable[[UInt8Array], FloatArray]


def _openvino_run(file: Path) -> Run:
    """OpenVINO reads ONNX too, so that a file is checked by another program than the one that wrote it."""
    model = openvino.Core().compile_model(file, "CPU", OPENVINO_F32)
    return lambda pixels: np.asarray(model(pixels)[0], np.float32)


def _torchscript_run(file: Path) -> Run:
    with _quiet_tracing():
        load: Any = torch.jit.load
        model = load(str(file))

    def run(pixels: UInt8Array) -> FloatArray:
        with torch.inference_mode():
            return np.asarray(model(torch.from_numpy(pixels)).numpy(), np.float32)

    return run


FORMATS: dict[str, tuple[Callable[[FromPixels, CardInput, Path], None], Callable[[Path], Run], str]] = {
    "onnx": (write_onnx, _openvino_run, ".onnx"),
    "openvino": (write_openvino, _openvino_run, ".xml"),
    "torchscript": (write_torchscript, _torchscript_run, ".pt"),
}


def _largest_difference(network: FromPixels, card: Card, run: Run) -> float:
    pixels = _checked_pixels(card.input)
    with torch.inference_mode():
        expected = np.asarray(network(torch.from_numpy(pixels)).numpy(), np.float32)
    answers = run(pixels)
    differences = (head.probabilities(answers) - head.probabilities(expected) for head in card.heads)
    return max(float(np.abs(difference).max()) for difference in differences)


def _checked_pixels(card_input: CardInput) -> UInt8Array:
    generator = np.random.default_rng(0)
    shape = pixels_shape(card_input)
    grids = [generator.integers(0, 256, (side, side, *shape[2:]), np.uint8) for side in CHECKED_GRIDS]
    return np.stack([cv2.resize(grid, (card_input.width, card_input.height)) for grid in grids])


@contextmanager
def _quiet_tracing() -> Iterator[None]:
    """Torch announces that TorchScript will go; OpenVINO's converter still needs it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.", category=Warning)
        yield

"""The detector's OpenVINO export: created once, kept in a cache folder, loaded without torch."""

import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from recognition.atomic_files import complete_folder
from recognition.detection.letterbox import GREY, Letterbox
from recognition.errors import ExportMissing
from recognition.options import DEFAULT_QUALITY, QUALITIES
from recognition.types import UInt8Array

if TYPE_CHECKING:
    import openvino


MODEL_FILE = "detector.xml"
CHOICE_FILE = "choice.json"
RECIPE = 3  # counts up when this file makes another export from the same weights
WARM_RUNS, MEASURED_RUNS = 5, 30


class Choice(msgspec.Struct, frozen=True):
    """The precision that was the faster one here, and what was measured, in milliseconds an image.

    `measured_ms`: by precision, at the live default. `quality_ms`: by quality, in the chosen precision.
    """

    precision: str
    measured_ms: dict[str, float]
    quality_ms: dict[str, float]
    measured_input: tuple[int, int]  # height, width
    sha256: str
    openvino: str


def export_folder(sha256: str, cache_folder: Path) -> Path:
    """Return the path of the export of the weights with this hash, whether it exists or not."""
    from recognition.detection.openvino_yolo import precisions

    versions = f"openvino{version('openvino')}-recipe{RECIPE}"
    return cache_folder / "detector" / f"{sha256[:16]}-cpu-{'_'.join(precisions())}-dynamic-{versions}"


def read_export(sha256: str, cache_folder: Path) -> tuple[Path, Choice]:
    """Return the model's file and the choice stored with it. Raises ExportMissing."""
    folder = export_folder(sha256, cache_folder)
    try:
        choice = msgspec.json.decode((folder / CHOICE_FILE).read_bytes(), type=Choice)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise ExportMissing(
            f"The face detector is not prepared in {cache_folder}; run `python -m recognition prepare`."
        ) from error
    return folder / MODEL_FILE, choice


def make_export(weights_file: Path, sha256: str, cache_folder: Path) -> Choice:
    """Convert, measure and store; an unfinished export never has the final name."""
    with complete_folder(export_folder(sha256, cache_folder)) as folder:
        _save(_converted(weights_file, cache_folder / "ultralytics"), folder / MODEL_FILE)
        choice = _measured_choice(folder / MODEL_FILE, sha256)
        (folder / CHOICE_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(choice)))
    return choice


def _converted(weights_file: Path, config_folder: Path) -> "openvino.Model":
    """The fused graph from pixels (n, height, width, 3) BGR uint8 to its raw maps, of any size."""
    import openvino
    import torch
    from openvino.preprocess import ColorFormat, PrePostProcessor

    from recognition.detection.torch_yolo_network import build_network, raw_maps

    network = raw_maps(build_network(weights_file, config_folder))
    with warnings.catch_warnings():
        # OpenVINO's converter still traces; torch announces that tracing will go.
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.trace", category=Warning)
        model = openvino.convert_model(network, example_input=torch.zeros(1, 3, 64, 96))
    model.reshape([-1, 3, -1, -1])
    steps = PrePostProcessor(model)
    pixels = steps.input().tensor()
    pixels.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(
        ColorFormat.BGR
    )
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).convert_color(ColorFormat.RGB).scale(
        255.0
    )
    return steps.build()


def _save(model: "openvino.Model", model_file: Path) -> None:
    import openvino

    openvino.save_model(model, model_file, compress_to_fp16=False)


def _measured_choice(model_file: Path, sha256: str) -> Choice:
    from recognition.detection.openvino_yolo import OpenVinoYolo, precisions

    networks = {precision: OpenVinoYolo(model_file, precision) for precision in precisions()}
    default = _webcam_image(QUALITIES[DEFAULT_QUALITY])
    measured_ms = median_ms({name: partial(network, default) for name, network in networks.items()})
    fastest = min(measured_ms, key=measured_ms.__getitem__)
    quality_ms = median_ms(
        {name: partial(networks[fastest], _webcam_image(size)) for name, size in QUALITIES.items()}
    )
    height, width = default.shape[1:3]
    return Choice(fastest, measured_ms, quality_ms, (height, width), sha256, version("openvino"))


def _webcam_image(size: int) -> UInt8Array:
    """What the network gets of 640 x 480 pixels at a size: grey (1, height, width, 3)."""
    place = Letterbox.fit(640, 480, size)
    return np.full((1, place.input_height, place.input_width, 3), GREY, np.uint8)


def median_ms(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the runs' medians; they take turns, so that what else the machine does falls on all alike."""
    times_ms: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(WARM_RUNS + MEASURED_RUNS):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            times_ms[name].append((time.perf_counter() - started) * 1000)
    return {name: round(statistics.median(times[WARM_RUNS:]), 2) for name, times in times_ms.items()}

"""The detector's precision: the faster one on this machine, measured once and kept in a cache folder."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from recognition.atomic_files import complete_files
from recognition.detection.letterbox import GREY, Letterbox
from recognition.errors import ExportMissing
from recognition.models.cards import Card
from recognition.models.graphs import find_graph
from recognition.options import DEFAULT_QUALITY, QUALITIES
from recognition.types import UInt8Array

RECIPE = 4  # increase it when the same weights are run in another way
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


def choice_file(card: Card, cache_folder: Path) -> Path:
    """Return the path of the choice for a card's weights, whether it exists or not."""
    from recognition.detection.openvino_yolo import precisions

    versions = f"openvino{version('openvino')}-recipe{RECIPE}"
    return cache_folder / "detector" / f"{card.sha256[:16]}-cpu-{'_'.join(precisions())}-{versions}.json"


def read_choice(card: Card, cache_folder: Path) -> Choice:
    """Return the choice that was measured for a card's weights. Raises ExportMissing."""
    try:
        return msgspec.json.decode(choice_file(card, cache_folder).read_bytes(), type=Choice)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise ExportMissing(
            f"The face detector is not prepared in {cache_folder}; run `python -m recognition prepare`."
        ) from error


def make_choice(card: Card, folder: Path, cache_folder: Path) -> Choice:
    """Measure the graph of a card in `folder`, and store the choice."""
    choice = _measured_choice(find_graph(card, folder), card.sha256)
    file = choice_file(card, cache_folder)
    with complete_files(file.parent) as unfinished:
        (unfinished / file.name).write_bytes(msgspec.json.format(msgspec.json.encode(choice)))
    return choice


def _measured_choice(graph: Path, sha256: str) -> Choice:
    from recognition.detection.openvino_yolo import OpenVinoYolo, precisions

    networks = {precision: OpenVinoYolo(graph, precision) for precision in precisions()}
    default = _webcam_image(QUALITIES[DEFAULT_QUALITY])
    measured_ms = median_ms({name: partial(network, default) for name, network in networks.items()})
    fastest = min(measured_ms, key=measured_ms.__getitem__)
    quality_ms = median_ms(
        {name: partial(networks[fastest], _webcam_image(size)) for name, size in QUALITIES.items()}
    )
    height, width = default.shape[1:3]
    return Choice(fastest, measured_ms, quality_ms, (height, width), sha256, version("openvino"))


def _webcam_image(size: int) -> UInt8Array:
    """What the network gets of 640 x 480 pixels at a size: gray (1, height, width, 3)."""
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

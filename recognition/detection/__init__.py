"""Face detection: one small interface and its backends."""

from collections.abc import Callable
from pathlib import Path

from recognition.detection.base import Detector
from recognition.detection.precision import make_choice, read_choice
from recognition.detection.yolo import MIN_SCORE, YoloDetector
from recognition.errors import ArchitectureUnknown, ExportMissing
from recognition.models.architectures import DETECTOR_ARCHITECTURES
from recognition.models.cards import Card, verified_weights
from recognition.models.graphs import find_graph

__all__ = ["Detector", "open_detector", "prepare_detector"]


def open_detector(
    card: Card,
    folder: Path,
    device: str,
    cache_folder: Path,
    *,
    min_score: float = MIN_SCORE,
    precision: str | None = None,
) -> Detector:
    """Open the detector that `card` describes, its weights in `folder`.

    `device`: `cpu` (OpenVINO, from the graph beside the weights), `cuda` or `cuda:N` (torch, half).
    `min_score`: boxes under it are not returned. `precision`: on a CPU `f32` or `bf16` instead of the
    measured choice.
    Raises WeightsError.
    """
    _check_architecture(card)
    weights_file = verified_weights(card, folder)
    if device == "cpu":
        from recognition.detection.openvino_yolo import OpenVinoYolo

        precision = precision or read_choice(card, cache_folder).precision
        return YoloDetector(OpenVinoYolo(find_graph(card, folder), precision), min_score)

    from recognition.detection.torch_yolo import TorchYolo

    network = TorchYolo(weights_file, device, cache_folder / "ultralytics", card.architecture, card.arguments)
    return YoloDetector(network, min_score)


def prepare_detector(
    card: Card,
    folder: Path,
    device: str,
    cache_folder: Path,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Measure the precision for `open_detector` unless it is stored; `progress` gets a line per step.

    Raises WeightsError.
    """
    _check_architecture(card)
    verified_weights(card, folder)
    if device != "cpu":
        return
    find_graph(card, folder)
    try:
        read_choice(card, cache_folder)
    except ExportMissing:
        progress(f"Preparing {card.title} ...")
        choice = make_choice(card, folder, cache_folder)
        progress(f"{card.title}: {choice.precision}, {choice.measured_ms[choice.precision]:.1f} ms per image")


def _check_architecture(card: Card) -> None:
    if card.architecture not in DETECTOR_ARCHITECTURES:
        known = ", ".join(sorted(DETECTOR_ARCHITECTURES))
        raise ArchitectureUnknown(f"{card.name} has the architecture {card.architecture}; expected {known}.")

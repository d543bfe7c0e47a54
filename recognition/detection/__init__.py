"""Face detection: one small interface, its backends, and the exports that they need."""

from collections.abc import Callable
from pathlib import Path

from recognition.detection.base import Detector
from recognition.detection.export import make_export, read_export
from recognition.detection.yolo import MIN_SCORE, YoloDetector
from recognition.errors import ArchitectureUnknown, ExportMissing
from recognition.models.cards import Card, verified_weights

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

    `device`: `cpu` (OpenVINO, from the prepared export, without torch), `cuda` or `cuda:N` (torch, half).
    `min_score`: boxes under it are not returned. `precision`: on a CPU `f32` or `bf16` instead of the
    measured choice.
    Raises ExportMissing, ArchitectureUnknown, WeightsHashMismatch.
    """
    _check_architecture(card)
    weights_file = verified_weights(card, folder)
    if device == "cpu":
        from recognition.detection.openvino_yolo import OpenVinoYolo

        model_file, choice = read_export(card.sha256, cache_folder)
        return YoloDetector(OpenVinoYolo(model_file, precision or choice.precision), min_score)

    from recognition.detection.torch_yolo import TorchYolo

    return YoloDetector(TorchYolo(weights_file, device, cache_folder / "ultralytics"), min_score)


def prepare_detector(
    card: Card,
    folder: Path,
    device: str,
    cache_folder: Path,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Make what `open_detector` needs on `device` unless it is there; `progress` gets a line about each step.

    On a CPU this imports torch and ultralytics when the export is missing.
    """
    _check_architecture(card)
    weights_file = verified_weights(card, folder)
    if device != "cpu":
        return
    try:
        read_export(card.sha256, cache_folder)
    except ExportMissing:
        progress(f"Preparing {card.title} ...")
        choice = make_export(weights_file, card.sha256, cache_folder)
        progress(f"{card.title}: {choice.precision}, {choice.measured_ms[choice.precision]:.1f} ms per image")


def _check_architecture(card: Card) -> None:
    # The name is ultralytics' own; spelled here so that opening needs none of its modules.
    if card.architecture != "yolov8n":
        raise ArchitectureUnknown(
            f"{card.name} is a {card.architecture}; this version knows the detector yolov8n."
        )

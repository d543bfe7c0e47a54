"""The result of training a detector: weights in half precision, and a card with measured figures."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
from torch import Tensor

from recognition.detection import Detector, open_detector, prepare_detector
from recognition.detection.torch_yolo import TorchYolo
from recognition.detection.torch_yolo_network import build_network
from recognition.detection.yolo import YoloDetector
from recognition.images.decoding import read_image_bgr
from recognition.images.files import image_files
from recognition.lab.data.faces import FaceImage, face_folder, read_face_images
from recognition.lab.evaluation.detection import (
    ALL_SIZES,
    OVER_48,
    SIZE_BANDS,
    Band,
    BoolArray,
    Matches,
    average_precision,
    best_threshold,
    interval,
    match,
)
from recognition.lab.evaluation.detection_report import MIN_SCORE, WEBCAM, WIDER, detect_all, of_subsets
from recognition.lab.export.graph import write_graph
from recognition.lab.training.card_texts import DETECTOR_LICENCE, DETECTOR_LIMITS
from recognition.lab.training.detector import TrainedDetector
from recognition.lab.training.detector_recipe import DetectorRecipe
from recognition.lab.training.recipe import NetworkPart
from recognition.models.cards import Card, CardInput, CardTraining, Evaluation, file_sha256, save_card
from recognition.models.tasks import FACE_DETECTOR
from recognition.options import DEFAULT_QUALITY, QUALITIES

Report = Callable[[str], None]

LIVE_SIZE = QUALITIES[DEFAULT_QUALITY]  # whatever size the network was trained at
MEASURED_SIZES = (LIVE_SIZE, 448)
MARGIN = 0.0  # with it most faces were named right: match-crops, docs/experiments/detector.md
MOST_FALSE = 0.05  # boxes per image without faces, at the live threshold
KEEP_SHARE = 2 / 3  # of the live threshold: enough for a face that was seen before
ROUNDING_IMAGES = 100  # enough to see whether half precision moves boxes
MAX_ROUNDING_COST = 0.002  # of average precision


def save_weights(state: Mapping[str, Tensor], file: Path, *, half: bool) -> None:
    """Write the unfused state as safetensors, floating tensors in half or single precision."""
    from safetensors.torch import save_file

    stored = {
        name: (value.half() if half else value.float()) if value.is_floating_point() else value
        for name, value in state.items()
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.cpu().contiguous() for name, value in stored.items()}, file)


def save_result(
    trained: TrainedDetector,
    recipe: DetectorRecipe,
    name: str,
    data: Path,
    out: Path,
    report: Report,
    without_faces: Path | None = None,
) -> Card:
    """Write `<name>.safetensors`, its graph and its measured card into `out`; return the card.

    `without_faces`: a folder of images in which the live threshold may let pass few boxes.
    """
    file = out / f"{name}.safetensors"
    images = read_face_images(data, "val")
    save_weights(trained.state, file, half=_rounds_well(trained.state, recipe.network, images, out, report))
    card = _bare_card(file, recipe, trained.training, out / "cache")
    write_graph(card, out)
    card = _with_figures(card, out, images, face_folder(data).name, report, without_faces)
    save_card(card, out)
    return card


def _with_figures(
    card: Card,
    folder: Path,
    images: Sequence[FaceImage],
    data_name: str,
    report: Report,
    without_faces: Path | None,
) -> Card:
    """Return the card with evaluations on the set's val images, and a live threshold chosen there.

    The threshold balances precision and recall of faces of 48 px and more at the live size; it is higher
    where more than MOST_FALSE boxes per image would be found in images `without_faces`.
    """
    cache = folder / "cache"
    prepare_detector(card, folder, "cpu", cache, report)
    detector = open_detector(card, folder, "cpu", cache, min_score=MIN_SCORE)
    matches = {}
    for size in MEASURED_SIZES:
        report(f"Measuring {card.name} at {size} px on {len(images)} images ...")
        matches[size] = match(detect_all(detector, images, size)[0])
    figures = (_evaluations(found, images, size, data_name) for size, found in matches.items())
    live = round(best_threshold(matches[LIVE_SIZE], OVER_48) or 0.25, 2)
    if without_faces is not None:
        live = max(live, quiet_threshold(detector, image_files([without_faces]), LIVE_SIZE))
    return msgspec.structs.replace(
        card,
        evaluations=tuple(chain.from_iterable(figures)),
        thresholds={"live": live, "keep": round(live * KEEP_SHARE, 2)},
    )


def quiet_threshold(detector: Detector, files: Iterable[Path], image_size: int) -> float:
    """Return the least score, in hundredths, that lets at most MOST_FALSE boxes per image pass."""
    found = [detector.detect([read_image_bgr(file)], image_size)[0] for file in files]
    scores = sorted((hit.score for hits in found for hit in hits), reverse=True)
    allowed = int(MOST_FALSE * len(found))
    return math.floor(scores[allowed] * 100 + 1) / 100 if len(scores) > allowed else 0.0


def _evaluations(
    matches: Matches, images: Sequence[FaceImage], size: int, data_name: str
) -> list[Evaluation]:
    everything = np.ones(len(images), bool)
    figures: list[tuple[str, Band, BoolArray]] = [
        ("AP50", ALL_SIZES, everything),
        *((f"AP50 {name} faces", band, everything) for name, band in SIZE_BANDS.items()),
        ("AP50 faces over 48 px", OVER_48, everything),
        ("AP50 without wider_val", ALL_SIZES, ~of_subsets(images, WIDER)),
        ("AP50 webcam subsets", ALL_SIZES, of_subsets(images, WEBCAM)),
    ]
    evaluations = []
    for metric, band, chosen in figures if any(p.subset for p in images) else figures[:-2]:
        value = average_precision(matches, band, chosen.astype(np.float64))
        spread = interval(matches, band, chosen) if chosen.any() else None
        if value is not None and spread is not None:
            rounded = (round(spread[0], 3), round(spread[1], 3))
            n = int(chosen.sum())
            evaluations.append(
                Evaluation(data_name, "val", n, f"{size} px", metric, round(value, 3), rounded)
            )
    return evaluations


def _rounds_well(
    state: Mapping[str, Tensor],
    network: NetworkPart,
    images: Sequence[FaceImage],
    out: Path,
    report: Report,
) -> bool:
    """Return whether half precision costs no accuracy, by average precision on some images."""
    some = images[:: max(1, len(images) // ROUNDING_IMAGES)]
    precisions = []
    for half in (False, True):
        file = out / "rounding.safetensors"
        save_weights(state, file, half=half)
        rounded = TorchYolo(
            file, "cpu", out / "cache" / "ultralytics", network.architecture, network.arguments
        )
        detector = YoloDetector(rounded, MIN_SCORE)
        precisions.append(average_precision(match(detect_all(detector, some, LIVE_SIZE)[0])) or 0.0)
        file.unlink()
    cost = precisions[0] - precisions[1]
    report(f"Half precision costs {cost:.4f} of AP50 on {len(some)} images.")
    return cost <= MAX_ROUNDING_COST


def _bare_card(file: Path, recipe: DetectorRecipe, training: CardTraining, config_folder: Path) -> Card:
    part = recipe.network
    network = build_network(file, config_folder, part.architecture, part.arguments)
    return Card(
        name=file.stem,
        title=recipe.title,
        task=FACE_DETECTOR.name,
        architecture=part.architecture,
        arguments={"classes": 1, **part.arguments},
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        sha256=file_sha256(file),
        input=CardInput(LIVE_SIZE, LIVE_SIZE, 3, margin=MARGIN),
        labels=("face",),
        temperature=1.0,
        temperature_views="1",
        thresholds={},
        training=training,
        evaluations=(),
        limits=recipe.limits or DETECTOR_LIMITS,
        licence=recipe.licence or DETECTOR_LICENCE,
    )

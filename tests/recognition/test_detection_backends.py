"""The shipped detector on real images, by OpenVINO and by torch."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from recognition.detection import Detector, open_detector, prepare_detector
from recognition.detection.precision import choice_file, read_choice
from recognition.detection.yolo import YoloDetector
from recognition.errors import ArchitectureUnknown, ExportMissing, WeightsError, WeightsHashMismatch
from recognition.lab.data.smooth_images import smooth_image
from recognition.models.cards import Card, cards_for, load_cards, weights_file
from recognition.options import QUALITIES
from recognition.types import Box, DetectedBox, UInt8Array

# Where the two faces are, by eye, in fractions.
ZIDANE_FACES = (Box(0.35, 0.30, 0.16, 0.32), Box(0.70, 0.14, 0.13, 0.28))
BUS_FACES = (Box(0.14, 0.385, 0.055, 0.05), Box(0.325, 0.39, 0.055, 0.05))


@pytest.fixture(scope="module")
def weights(project: Path) -> Path:
    return project / "weights"


@pytest.fixture(scope="module")
def card(weights: Path) -> Card:
    return cards_for(load_cards(weights), "face_detector")[0]


@pytest.fixture(scope="module")
def cache(card: Card, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    prepare_detector(card, weights, "cpu", folder)
    return folder


@pytest.fixture(scope="module")
def on_openvino(card: Card, weights: Path, cache: Path) -> Detector:
    return open_detector(card, weights, "cpu", cache, precision="f32")


@pytest.fixture(scope="module")
def on_torch(card: Card, weights: Path, cache: Path) -> Detector:
    from recognition.detection.torch_yolo import TorchYolo

    return YoloDetector(TorchYolo(weights_file(card, weights), "cpu", cache / "ultralytics"))


@pytest.fixture(scope="module")
def zidane(zidane_jpg: Path) -> UInt8Array:
    return np.asarray(cv2.imread(str(zidane_jpg)), np.uint8)


@pytest.fixture(scope="module")
def bus(zidane_jpg: Path) -> UInt8Array:
    return np.asarray(cv2.imread(str(zidane_jpg.with_name("bus.jpg"))), np.uint8)


def in_pixels(boxes: tuple[DetectedBox, ...], image: UInt8Array) -> np.ndarray:
    height, width = image.shape[:2]
    corners = [(d.box.x, d.box.y, d.box.x + d.box.w, d.box.y + d.box.h) for d in boxes]
    return np.array(corners) * [width, height, width, height]


@pytest.mark.parametrize("image_size", [256, 320, 448, 640])
@pytest.mark.parametrize("name", ["zidane", "bus"])
def test_openvino_in_float_finds_the_boxes_that_torch_finds(
    name: str, image_size: int, on_openvino: Detector, on_torch: Detector, request: pytest.FixtureRequest
) -> None:
    image: UInt8Array = request.getfixturevalue(name)

    (ours,), (expected,) = on_openvino.detect([image], image_size), on_torch.detect([image], image_size)

    assert len(ours) == len(expected) >= 2
    np.testing.assert_allclose(in_pixels(ours, image), in_pixels(expected, image), atol=1.0)
    np.testing.assert_allclose([d.score for d in ours], [d.score for d in expected], atol=1e-3)


@pytest.mark.parametrize(("name", "faces"), [("zidane", ZIDANE_FACES), ("bus", BUS_FACES)])
def test_the_two_best_boxes_are_the_two_faces(
    name: str, faces: tuple[Box, Box], on_openvino: Detector, request: pytest.FixtureRequest
) -> None:
    (found,) = on_openvino.detect([request.getfixturevalue(name)], 640)

    best = sorted(found[:2], key=lambda d: d.box.x)
    for detected, face in zip(best, faces, strict=True):
        assert detected.box.iou(face) > 0.5
        assert detected.score > 0.3
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)


def test_a_batch_of_several_sizes_answers_as_each_image_alone(
    on_openvino: Detector, on_torch: Detector, zidane: UInt8Array, bus: UInt8Array
) -> None:
    images = [zidane, bus, cv2.resize(zidane, (640, 480)).astype(np.uint8), bus[::2, ::2].copy()]

    for detector in (on_openvino, on_torch):
        together = detector.detect(images, 320)

        for image, found in zip(images, together, strict=True):
            (alone,) = detector.detect([image], 320)
            np.testing.assert_allclose(in_pixels(found, image), in_pixels(alone, image), atol=0.5)


def test_no_image_is_no_answer(on_openvino: Detector) -> None:
    assert on_openvino.detect([], 320) == []


@pytest.mark.parametrize("value", [0, 127, 255])
def test_a_plain_image_has_no_face(on_openvino: Detector, value: int) -> None:
    assert on_openvino.detect([np.full((480, 640, 3), value, np.uint8)], 320) == [()]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 700, 3), (3, 2, 3), (700, 1, 3)])
def test_tiny_images_are_answered(on_openvino: Detector, shape: tuple[int, int, int]) -> None:
    (found,) = on_openvino.detect([np.full(shape, 90, np.uint8)], 256)

    for detected in found:
        box = detected.box
        assert 0 <= box.x <= box.x + box.w <= 1 + 1e-9
        assert 0 <= box.y <= box.y + box.h <= 1 + 1e-9


def test_a_grey_image_keeps_its_faces(on_openvino: Detector, zidane: UInt8Array) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(zidane, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8)

    (found,) = on_openvino.detect([grey], 640)

    assert all(any(d.box.iou(face) > 0.5 for d in found) for face in ZIDANE_FACES)


def test_a_smooth_image_of_nothing_holds_no_face(card: Card, on_openvino: Detector) -> None:
    generator = np.random.default_rng(1)  # no training drew by this seed
    images = [smooth_image(generator) for _ in range(100)]

    found = [boxes for image in images for boxes in on_openvino.detect([image], 320)]

    assert sum(d.score >= card.thresholds["live"] for boxes in found for d in boxes) == 0


def test_the_threshold_is_kept(card: Card, weights: Path, cache: Path, zidane: UInt8Array) -> None:
    strict = open_detector(card, weights, "cpu", cache, min_score=0.4, precision="f32")
    loose = open_detector(card, weights, "cpu", cache, min_score=0.05, precision="f32")

    (few,), (many,) = strict.detect([zidane], 320), loose.detect([zidane], 320)

    assert few
    assert all(d.score >= 0.4 for d in few)
    assert few == tuple(d for d in many if d.score >= 0.4)
    assert len(many) > len(few)


def test_detecting_on_a_cpu_imports_no_torch(weights: Path, cache: Path, card: Card) -> None:
    program = f"""
import json, sys
from pathlib import Path
import numpy as np
from recognition.models.cards import load_cards
from recognition.detection import open_detector
weights, cache = Path({str(weights)!r}), Path({str(cache)!r})
detector = open_detector(load_cards(weights)[{card.name!r}], weights, "cpu", cache)
found = detector.detect([np.zeros((480, 640, 3), np.uint8)], 320)
heavy = {{"torch", "torchvision", "ultralytics", "matplotlib"}}
print(json.dumps([len(found), sorted(heavy & set(sys.modules))]))
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=120)

    assert json.loads(answer.stdout) == [1, []]


def test_a_cold_cache_names_the_command_that_warms_it(card: Card, weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportMissing, match="python -m recognition prepare"):
        open_detector(card, weights, "cpu", tmp_path)


def test_a_broken_choice_counts_as_missing(card: Card, tmp_path: Path) -> None:
    file = choice_file(card, tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text("{")

    with pytest.raises(ExportMissing):
        read_choice(card, tmp_path)


def test_preparing_twice_measures_once(card: Card, weights: Path, cache: Path) -> None:
    choice = read_choice(card, cache)
    before = choice_file(card, cache).stat().st_mtime_ns
    lines: list[str] = []

    prepare_detector(card, weights, "cpu", cache, lines.append)

    assert lines == []
    assert choice_file(card, cache).stat().st_mtime_ns == before
    assert choice.precision in choice.measured_ms
    assert choice.measured_ms[choice.precision] == min(choice.measured_ms.values()) > 0
    assert set(choice.quality_ms) == set(QUALITIES)
    assert min(choice.quality_ms.values()) > 0
    assert choice.measured_input == (256, 320)


def test_another_net_is_refused(card: Card, weights: Path, cache: Path) -> None:
    other = msgspec.structs.replace(card, architecture="se_resnet")

    with pytest.raises(ArchitectureUnknown, match="se_resnet"):
        open_detector(other, weights, "cpu", cache)


def test_weights_of_another_hash_are_refused(card: Card, weights: Path, cache: Path) -> None:
    other = msgspec.structs.replace(card, sha256="0" * 64)

    with pytest.raises(WeightsHashMismatch):
        open_detector(other, weights, "cpu", cache)


def test_weights_of_another_net_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from recognition.detection.torch_yolo_network import build_network

    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")

    with pytest.raises(WeightsError, match=r"other\.safetensors"):
        build_network(tmp_path / "other.safetensors", tmp_path)

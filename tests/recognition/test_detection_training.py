"""A training of the detector on a few made images, cut off and gone on with."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recognition.cli.main import main
from recognition.detection import open_detector
from recognition.detection.openvino_yolo import OpenVinoYolo
from recognition.detection.torch_yolo import TorchYolo
from recognition.detection.torch_yolo_network import empty_network
from recognition.errors import DataError, RecipeError
from recognition.lab.training.bf16_detector import Bf16DetectionModel
from recognition.lab.training.detector import TrainedDetector, train_detector
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES, DetectorRecipe
from recognition.lab.training.detector_result import save_result
from recognition.lab.training.detector_run import DetectorRun
from recognition.lab.training.round_boxes import RoundBoxes
from recognition.models.cards import cards_for, load_card, load_cards, verified_weights, weights_file
from recognition.models.graphs import find_graph
from tests.recognition.face_images import write_face_images

STILL = ("optimiser.lr=0.0", "optimiser.warmup_epochs=0.0", "optimiser.weight_decay=0.0")
RECIPE = """
title = "Small"
epochs = 2
batch = 4
image_size = 64
"""


def write_scene(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8))


def small_recipe(folder: Path, *changes: str) -> DetectorRecipe:
    file = folder / "small.toml"
    file.write_text(RECIPE)
    return DETECTOR_RECIPES.load(file, changes)


def small_run(folder: Path, *changes: str, **fields: Any) -> DetectorRun:
    recipe = small_recipe(folder, *changes)
    return DetectorRun(recipe, folder / "faces", folder / "run", workers=0, **fields)


def train(
    run: DetectorRun, report: Callable[[str], None] = print, *, resume: bool = False
) -> TrainedDetector:
    return train_detector(run, "small", resume=resume, report=report)


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    write_face_images(folder, {"train": 8, "val": 2})
    return folder


def cut_after_the_first(line: str) -> None:
    if line.startswith("epoch 1/"):
        raise KeyboardInterrupt


@pytest.mark.usefixtures("faces")
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_training_that_was_cut_off_goes_on_where_it_was(tmp_path: Path, precision: str) -> None:
    run = small_run(tmp_path, f"precision={precision}")
    with pytest.raises(KeyboardInterrupt):
        train(run, cut_after_the_first)
    lines: list[str] = []

    trained = train(run, lines.append, resume=True)

    assert [line.split(":")[0] for line in lines] == ["epoch 2/2"]
    assert trained.training.epochs == 2
    assert trained.training.images == 8
    assert trained.training.seconds > 0
    assert (tmp_path / "run/curves.png").stat().st_size > 1000
    assert not list((tmp_path / "faces").rglob("*.cache"))  # nothing is left in the user's folder

    again = train(run, lines.append, resume=True)

    assert len(lines) == 1  # nothing is trained after the last epoch
    # A checkpoint has half precision.
    assert all(
        torch.allclose(value, trained.state[name], atol=1e-3, rtol=1e-3)
        for name, value in again.state.items()
    )


@pytest.mark.usefixtures("faces")
def test_an_interruption_while_the_checkpoint_is_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = small_run(tmp_path)
    complete = Path.write_bytes

    def write_half(file: Path, content: bytes) -> int:
        if "ultralytics" not in file.parts or not (tmp_path / "run/ultralytics/weights/last.pt").is_file():
            return complete(file, content)
        complete(file, content[: len(content) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(KeyboardInterrupt):
        train(run)
    monkeypatch.undo()
    lines: list[str] = []

    train(run, lines.append, resume=True)

    assert [line.split(":")[0] for line in lines] == ["epoch 2/2"]


def test_in_bf16_the_maps_are_nearly_the_same_and_in_fp32(tmp_path: Path, project: Path) -> None:
    from recognition.detection.torch_yolo_network import build_network

    card = cards_for(load_cards(project / "weights"), "face_detector")[0]
    network = build_network(weights_file(card, project / "weights"), tmp_path).train()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    exact = network(images)["scores"]
    network.__class__ = Bf16DetectionModel

    rounded = network(images)["scores"]

    assert rounded.dtype == torch.float32
    assert 0 < (rounded - exact).abs().max() < 0.05 * exact.abs().max()


@pytest.mark.usefixtures("faces")
def test_it_starts_from_the_weights_it_is_given(tmp_path: Path, project: Path) -> None:
    from recognition.detection.torch_yolo_network import build_network

    card = cards_for(load_cards(project / "weights"), "face_detector")[0]
    start = weights_file(card, project / "weights")

    expected = build_network(start, tmp_path).state_dict()
    for changes in (STILL, ("optimiser.lr=0.1", "network.weight_interpolation=0.99999")):
        network = ("network.architecture=yolov8n", "network.weights=start", "epochs=1")
        trained = train(small_run(tmp_path, *network, *changes, start=start))
        learned = {name: value for name, value in trained.state.items() if name.endswith("conv.weight")}
        assert len(learned) > 50
        assert all((value - expected[name]).abs().max() < 1e-4 for name, value in learned.items())


@pytest.mark.usefixtures("faces")
def test_images_without_faces_are_trained_on_too(tmp_path: Path) -> None:
    for number in range(5):
        write_scene(tmp_path / "scenes" / str(number % 2) / f"{number}.png", number)
    scenes = tmp_path / "scenes"
    data = ("data.negatives=4", "data.negative_mosaics=2", "data.synthetic_negatives=3")
    changes = ("epochs=1", *data, "augmentation.degrade=0.5", "augmentation.occlusion=0.5")

    trained = train(small_run(tmp_path, *changes, negatives=(scenes / "0", scenes / "1")))

    assert trained.training.images == 17
    assert trained.training.recipe == "small"
    assert trained.training.data == (
        "faces train, with at most 4 images without faces from 0, 1, with 2 mosaics of four of them, "
        "with 3 synthetic images without faces"
    )
    with pytest.raises(DataError, match="nothing is not a folder"):
        train(small_run(tmp_path, *changes, negatives=(tmp_path / "nothing",)))
    with pytest.raises(RecipeError, match="--negatives"):
        small_run(tmp_path, *changes)


@pytest.mark.usefixtures("faces")
def test_a_smaller_network_is_trained_and_found_by_its_card(tmp_path: Path) -> None:
    network = ("network.architecture=yolov8", "network.arguments.width=0.125", "network.arguments.levels=2")
    run = small_run(tmp_path, *network, "epochs=1")
    trained = train(run)

    card = save_result(trained, run.recipe, "light", run.data, run.out, print)

    assert (card.architecture, card.arguments) == ("yolov8", {"classes": 1, "width": 0.125, "levels": 2})
    assert card.parameters < 400_000  # 3 M of yolov8n
    assert load_card(run.out / "light.json") == card
    image = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    assert open_detector(card, run.out, "cpu", run.out / "cache", min_score=0.0).detect([image], 96)[0]
    on_torch = TorchYolo(weights_file(card, run.out), "cpu", tmp_path, card.architecture, card.arguments)
    on_openvino = OpenVinoYolo(find_graph(card, run.out), "f32")
    for expected, found in zip(on_torch(image[None]), on_openvino(image[None]), strict=True):
        assert found.shape[-1] == 8 * 12 + 4 * 6  # cells of 8 and 16 px
        assert found == pytest.approx(expected, abs=1e-3)


@given(
    arrays(float, (4, 2), elements=st.floats(1, 60)),
    st.floats(-180, 180),
    st.floats(0.2, 3),
    arrays(float, (2,), elements=st.floats(-50, 50)),
)
def test_a_turned_face_is_boxed_as_the_ellipse_it_is(
    places: np.ndarray, angle: float, scale: float, shift: np.ndarray
) -> None:
    boxes = np.concatenate((places[:2], places[:2] + places[2:]), axis=1)
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((0, 0), angle, scale)
    matrix[:2, 2] = shift
    around = np.linspace(0, 2 * np.pi, 3601)
    circle = np.stack((np.cos(around), np.sin(around)), axis=1)

    seen = RoundBoxes().apply_bboxes(boxes, matrix)

    for box, (x1, y1, x2, y2) in zip(seen, boxes, strict=True):
        ellipse = np.array([x1 + x2, y1 + y2]) / 2 + circle * np.array([x2 - x1, y2 - y1]) / 2
        points = cv2.transform(ellipse[None], matrix[:2])[0]
        assert box == pytest.approx([*points.min(axis=0), *points.max(axis=0)], abs=0.01)


@pytest.mark.usefixtures("faces")
def test_a_training_turns_its_faces_so_with_and_without_mosaics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counter[str]()
    epochs = ["1"]

    def count(self: RoundBoxes, bboxes: np.ndarray, M: np.ndarray) -> np.ndarray:
        counted[epochs[-1]] += 1
        return boxed(self, bboxes, M)

    boxed = RoundBoxes.apply_bboxes
    monkeypatch.setattr(RoundBoxes, "apply_bboxes", count)
    run = small_run(tmp_path, "augmentation.plain_last_epochs=1")

    train(run, epochs.append)

    assert counted == {"1": 8, epochs[1]: 8}


def test_the_command_writes_weights_that_fit_their_card(
    tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "run/cache"))
    (faces / "manifest.csv").write_text("file,subset\n0.png,synthetic_grid\n1.png,webcam_office\n")
    out = tmp_path / "run"
    file = tmp_path / "small.toml"
    file.write_text(RECIPE + '[data]\nleave_out = ["synthetic_grid"]\n')
    words = f"train-detector {file} --data {faces} --out {out} --device cpu --workers 0 --set epochs=1"

    code = main(words.split())

    assert code == 0
    card = load_card(out / "small.json")
    assert verified_weights(card, out).stat().st_size < 7_000_000  # 3 M parameters in half precision
    assert card.training.images == 7
    assert "without synthetic_grid" in card.training.data
    assert {figure.views for figure in card.evaluations} == {"320 px", "448 px"}
    assert 0 < card.thresholds["live"] < 1
    assert main(["evaluate-detector", "--data", str(faces), "--model", str(out / "small.safetensors")]) == 0


@pytest.mark.usefixtures("faces")
def test_nothing_to_resume_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no training to resume"):
        train(small_run(tmp_path), resume=True)


def test_all_subsets_left_out_is_said_at_once(tmp_path: Path, faces: Path) -> None:
    rows = "".join(f"{index}.png,one\n" for index in range(8))
    (faces / "manifest.csv").write_text("file,subset\n" + rows)

    with pytest.raises(DataError, match="left to train on"):
        train(small_run(tmp_path, "data.leave_out=['one']"))


@pytest.mark.parametrize(
    "changes",
    [
        ("image_size=100",),
        ("epochs=0",),
        ("batch=0",),
        ("network.architecture=yolov8n", "network.weight_interpolation=0.5"),
        ("data.negative_mosaics=1",),
        ("data.negative_mosaics=1", "data.negatives=4", "image_size=32"),
        ("optimiser.kind=lion",),
    ],
)
def test_impossible_recipes_are_refused(tmp_path: Path, changes: tuple[str, ...]) -> None:
    with pytest.raises(RecipeError, match=r"small\.toml"):
        small_recipe(tmp_path, *changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("lr0", "KEY=VALUE"),
        ("epoch=3", "no key 'epoch'; did you mean 'epochs'"),
        ("optimiser.lr0=0.1", "no key 'optimiser.lr0'; did you mean 'optimiser.lr'"),
    ],
)
def test_a_wrong_change_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, message: str
) -> None:
    words = ["train-detector", "detectors/face_1_scratch", "--data", str(tmp_path), "--set", change]
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"width": 0.1, "wide": 2}, RecipeError), ({"levels": 4}, RecipeError)],
)
def test_a_network_with_wrong_arguments_is_refused(
    tmp_path: Path, arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        empty_network(tmp_path, "yolov8", arguments)

"""A training of the detector on a few made images, cut off and gone on with."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recognition.cli.main import main
from recognition.errors import DataError, RecipeError
from recognition.lab.training.bf16_detector import Bf16DetectionModel
from recognition.lab.training.detector import TrainedDetector, train_detector
from recognition.lab.training.detector_run import DetectorRun
from recognition.lab.training.round_boxes import RoundBoxes
from recognition.models.cards import cards_for, load_card, load_cards, verified_weights, weights_file
from tests.recognition.face_images import write_face_images

STILL = {"workers": 0, "lr0": 0.0, "lrf": 0.0, "warmup_bias_lr": 0.0, "momentum": 0.0, "weight_decay": 0.0}


def write_scene(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8))


def small_run(folder: Path, **changes: object) -> DetectorRun:
    fields = {
        "data": folder / "faces",
        "out": folder / "run",
        "image_size": 64,
        "epochs": 2,
        "batch": 4,
        "settings": {"workers": 0},
        **changes,
    }
    return DetectorRun(**fields)  # type: ignore[arg-type]


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
    run = small_run(tmp_path, precision=precision)
    with pytest.raises(KeyboardInterrupt):
        train_detector(run, resume=False, report=cut_after_the_first)
    lines: list[str] = []

    trained = train_detector(run, resume=True, report=lines.append)

    assert [line.split(":")[0] for line in lines] == ["epoch 2/2"]
    assert isinstance(trained, TrainedDetector)
    assert trained.training.epochs == 2
    assert trained.training.images == 8
    assert trained.training.seconds > 0
    assert (tmp_path / "run/curves.png").stat().st_size > 1000
    assert not list((tmp_path / "faces").rglob("*.cache"))  # nothing is left in the user's folder

    with pytest.raises(RecipeError, match="finished"):
        train_detector(small_run(tmp_path), resume=True, report=print)


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
    for settings, kept in ((STILL, 0.0), ({"workers": 0, "lr0": 0.1}, 0.99999)):
        run = small_run(tmp_path, weights=start, epochs=1, settings=settings, weight_interpolation=kept)
        trained = train_detector(run, resume=False, report=lambda line: None)
        learned = {name: value for name, value in trained.state.items() if name.endswith("conv.weight")}
        assert len(learned) > 50
        assert all((value - expected[name]).abs().max() < 1e-4 for name, value in learned.items())


@pytest.mark.usefixtures("faces")
def test_images_without_faces_are_trained_on_too(tmp_path: Path) -> None:
    for number in range(5):
        write_scene(tmp_path / "scenes" / str(number % 2) / f"{number}.png", number)
    scenes = tmp_path / "scenes"
    run = small_run(
        tmp_path,
        epochs=1,
        negatives=scenes,
        negatives_limit=4,
        negative_mosaics=2,
        synthetic_negatives=3,
        degrade=0.5,
        occlusion=0.5,
    )

    trained = train_detector(run, resume=False, report=lambda line: None)

    assert trained.training.images == 17
    assert "batch 4, 0.5 degraded, 0.5 of the faces half occluded" in trained.training.recipe
    assert (
        "at most 4 images without faces of scenes, and 2 mosaics of four, and 3 synthetic ones"
        in trained.training.data
    )
    with pytest.raises(DataError, match="nothing is not a folder"):
        train_detector(replace(run, negatives=tmp_path / "nothing"), resume=False, report=print)


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
    run = small_run(tmp_path, settings={"workers": 0, "close_mosaic": 1})

    train_detector(run, resume=False, report=epochs.append)

    assert counted == {"1": 8, epochs[1]: 8}


def test_the_command_writes_weights_that_fit_their_card(
    tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "run/cache"))
    (faces / "manifest.csv").write_text("file,subset\n0.png,synthetic_grid\n1.png,webcam_office\n")
    out = tmp_path / "run"
    words = f"train-detector --data {faces} --image-size 64 --epochs 1 --batch 4 --out {out} --name small"

    code = main([*words.split(), "--device", "cpu", "--leave-out", "synthetic_grid", "--set", "workers=0"])

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
        train_detector(small_run(tmp_path), resume=True, report=print)


def test_all_subsets_left_out_is_said_at_once(tmp_path: Path, faces: Path) -> None:
    rows = "".join(f"{index}.png,one\n" for index in range(8))
    (faces / "manifest.csv").write_text("file,subset\n" + rows)

    with pytest.raises(DataError, match="left to train on"):
        train_detector(small_run(tmp_path, left_out=frozenset({"one"})), resume=False, report=print)


@pytest.mark.parametrize(
    "changes",
    [
        {"image_size": 100},
        {"epochs": 0},
        {"batch": 0},
        {"weight_interpolation": 0.5},
        {"negative_mosaics": 1},
        {"negative_mosaics": 1, "image_size": 32, "negatives": Path("scenes")},
    ],
)
def test_impossible_runs_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        small_run(tmp_path, **changes)


def test_a_setting_that_is_no_pair_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train-detector", "--data", str(tmp_path), "--set", "lr0"]) == 2
    assert "KEY=VALUE" in capsys.readouterr().err

"""`evaluate` from end to end, on images and weights made here, against answers worked out apart."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, confusion_matrix

from recognition.cli.main import main
from recognition.models.tasks import LABEL_SETS
from tests.recognition.tiny_models import read_tiny_network, write_tiny_model

SCENES = ("forest", "glacier", "sea")
FER7, FERPLUS8 = LABEL_SETS["fer7"], LABEL_SETS["ferplus8"]
FILES = {
    "report.json",
    "confusion.png",
    "confusion.npy",
    "risk_coverage.png",
    "reliability.png",
    "mistakes.png",
}


def scene_folders(folder: Path, each: int = 6) -> list[tuple[np.ndarray, int]]:
    """Write noisy coloured 16 x 16 images, and give them (RGB) with their label numbers."""
    random = np.random.default_rng(0)
    images = []
    for number, label in enumerate(SCENES):
        (folder / label).mkdir(parents=True)
        for copy in range(each):
            image_bgr = random.integers(0, 256, (16, 16, 3), np.uint8) // 2
            image_bgr[:, :, (number + copy % 2) % 3] += 120
            cv2.imwrite(str(folder / label / f"{copy}.png"), image_bgr)
            images.append((image_bgr[..., ::-1], number))
    return images


def answers_apart(file: Path, images: np.ndarray, labels: int) -> np.ndarray:
    """What a tiny network made by `write_tiny_model` answers to (n, channels, h, w) in 0..255."""
    network = read_tiny_network(file, labels, images.shape[1])
    with torch.no_grad():
        return network((torch.tensor(images, dtype=torch.float32) / 255 - 0.5) / 0.25).numpy()


def evaluate(*words: object, capsys: pytest.CaptureFixture[str]) -> dict:
    """Run the command and give what it prints as JSON."""
    assert main(["evaluate", *map(str, words), "--device", "cpu", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_colour_model_of_another_task_is_measured_in_its_own_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, SCENES, channels=3)
    scenes = scene_folders(tmp_path / "images" / "val")
    images = np.stack([image for image, _ in scenes]).transpose(0, 3, 1, 2)
    targets = [number for _, number in scenes]

    report = evaluate("--model", model, "--data", tmp_path / "images", capsys=capsys)
    answers = answers_apart(model, images, 3).argmax(axis=1)

    assert report["labels"] == list(SCENES)
    assert report["accuracy"] == pytest.approx(accuracy_score(targets, answers))
    assert report["confusion"] == confusion_matrix(targets, answers).tolist()
    assert len(set(answers)) > 1
    assert 0 < report["accuracy"] < 1


def test_every_figure_and_chart_is_written_into_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = write_tiny_model(tmp_path, SCENES, channels=3), tmp_path / "out"
    scene_folders(tmp_path / "images")

    report = evaluate("--model", model, "--data", tmp_path / "images", "--out", out, capsys=capsys)

    assert {file.name for file in out.iterdir()} == FILES
    assert json.loads((out / "report.json").read_text()) == report
    assert np.load(out / "confusion.npy").tolist() == report["confusion"]
    for file in out.glob("*.png"):
        assert cv2.imread(str(file)).std() > 0


def test_a_model_without_mistakes_has_an_empty_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = write_tiny_model(tmp_path, SCENES), tmp_path / "out"
    image = np.full((16, 16), 90, np.uint8)
    right = SCENES[answers_apart(model, image[None, None], 3).argmax()]
    (tmp_path / "images" / right).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "images" / right / "1.png"), image)

    report = evaluate("--model", model, "--data", tmp_path / "images", "--out", out, capsys=capsys)

    assert report["accuracy"] == 1
    assert (out / "mistakes.png").is_file()


@pytest.mark.parametrize(
    ("option", "value"), [("--tta", "flip"), ("--tta", "ten-crop"), ("--views", "flip"), ("--views", "ten")]
)
def test_test_time_augmentation_averages_the_predictions(
    tmp_path: Path, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, SCENES, channels=3)
    scenes = scene_folders(tmp_path / "images")
    images = np.stack([image for image, _ in scenes]).transpose(0, 3, 1, 2)
    # 44 of 48 is 15 of 16, as a share.
    corners = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 0)] if value != "flip" else []
    looks = [images[:, :, top : top + 15, left : left + 15] for top, left in corners] or [images]
    logits = [answers_apart(model, np.ascontiguousarray(look), 3) for look in looks]
    logits += [answers_apart(model, look[..., ::-1].copy(), 3) for look in looks]
    chances = np.mean([torch.tensor(values).softmax(1).numpy() for values in logits], axis=0)

    report = evaluate("--model", model, "--data", tmp_path / "images", option, value, capsys=capsys)

    expected = confusion_matrix([number for _, number in scenes], chances.argmax(axis=1))
    assert report["confusion"] == expected.tolist()


def write_fer2013(folder: Path, emotions: list[int]) -> np.ndarray:
    """Write Kaggle's CSV with PublicTest rows of noise; give the images (n, 48, 48)."""
    images = np.random.default_rng(1).integers(0, 256, (len(emotions), 48, 48), np.uint8)
    images //= np.arange(1, len(emotions) + 1, dtype=np.uint8)[:, None, None]
    lines = ["emotion,pixels,Usage", f"0,{' '.join(['0'] * 48 * 48)},Training"]
    for emotion, image in zip(emotions, images, strict=True):
        lines.append(f"{emotion},{' '.join(map(str, image.ravel()))},PublicTest")
    (folder / "fer2013.csv").write_text("\n".join(lines) + "\n")
    return images


def write_votes(folder: Path, rows: list[tuple[int, ...]]) -> None:
    """Write FER+'s CSV: a Training row, then votes by its ten columns."""
    columns = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    lines = [f"Usage,Image name,{columns}", "Training,,10,0,0,0,0,0,0,0,0,0"]
    lines += [f"PublicTest,,{','.join(map(str, row))}" for row in rows]
    (folder / "fer2013new.csv").write_text("\n".join(lines) + "\n")


def test_kaggles_csv_is_measured_on_publictest_in_a_label_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, FER7, task="emotion")
    write_fer2013(tmp_path, [0, 3, 1, 6, 2, 4])

    report = evaluate("--model", model, "--data", tmp_path, "--label-set", "fer5", capsys=capsys)

    assert (report["n"], report["left_out"]) == (4, 2)
    assert report["labels"] == list(LABEL_SETS["fer5"])
    assert [report["per_class"][label]["support"] for label in report["labels"]] == [1, 1, 1, 0, 1]


def test_ferplus_is_measured_against_the_majority_of_the_votes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, FERPLUS8, task="emotion")
    images = write_fer2013(tmp_path, [0, 0, 0, 0, 0, 0])
    rows = [
        (0, 8, 1, 1, 0, 0, 0, 0, 0, 0),  # happy
        (0, 0, 0, 0, 0, 0, 0, 6, 0, 4),  # contempt
        (5, 0, 0, 5, 0, 0, 0, 0, 0, 0),  # half is no majority
        (3, 1, 1, 1, 1, 1, 1, 1, 0, 0),  # neutral, once the single votes are dropped
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 10),  # no face
        (4, 0, 0, 0, 0, 0, 0, 0, 6, 0),  # unknown
    ]
    write_votes(tmp_path, rows)
    small = np.stack([cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA) for image in images])
    answers = answers_apart(model, small[[0, 1, 3], None], 8).argmax(axis=1)
    truth = [FERPLUS8.index(label) for label in ("happy", "contempt", "neutral")]

    report = evaluate("--model", model, "--data", tmp_path, "--label-set", "ferplus8", capsys=capsys)

    assert (report["n"], report["left_out"]) == (3, 3)
    assert report["confusion"] == confusion_matrix(truth, answers, labels=range(8)).tolist()


def test_the_same_model_is_measured_against_kaggles_labels_without_votes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, FERPLUS8, task="emotion")
    write_fer2013(tmp_path, [0, 3])

    report = evaluate("--model", model, "--data", tmp_path, capsys=capsys)

    assert (report["n"], report["left_out"]) == (2, 0)
    assert report["per_class"]["angry"]["support"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--weights", "published"],
        ["--solution", "solution.csv"],
        ["--architecture", "resnet18"],
        ["--architecture", "resnet18", "--weights", "x.pth"],
        ["--architecture", "resnet18", "--model", "x.json"],
        ["--architecture", "resnet18", "--weights", "x", "--solution", "y", "--tta", "ten-crop"],
        ["--architecture", "none", "--weights", "x", "--solution", "y"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "--data", "images", *words])

    assert stopped.value.code == 2


def test_the_face_detector_names_nothing_and_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", "images", "--model", "face_yolov8n"]) == 2
    assert "face_yolov8n" in capsys.readouterr().err


def test_people_read_the_figures_as_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_tiny_model(tmp_path, SCENES)
    scene_folders(tmp_path / "images")

    assert main(["evaluate", "--model", str(model), "--data", str(tmp_path / "images")]) == 0
    printed = capsys.readouterr().out

    assert "accuracy" in printed
    assert all(label in printed for label in SCENES)


def test_a_split_without_any_of_the_labels_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_tiny_model(tmp_path, FER7, task="emotion")
    write_fer2013(tmp_path, [1, 2])

    assert main(["evaluate", "--model", str(model), "--data", str(tmp_path), "--label-set", "fer5"]) == 1
    assert "no image of angry" in capsys.readouterr().err

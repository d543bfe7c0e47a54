"""Reading images with boxes, and the command that measures a detector on them."""

import json
from pathlib import Path

import numpy as np
import pytest

from recognition.cli.main import main
from recognition.errors import DataError
from recognition.lab.data.faces import FaceImage, read_face_images
from recognition.lab.evaluation.detection import ImageBoxes, match
from recognition.lab.evaluation.detection_report import evaluate_detector, summarize
from recognition.types import Box, DetectedBox, UInt8Array
from tests.recognition.face_images import write_face_images


def test_images_come_in_name_order_with_subset_and_faces(tmp_path: Path) -> None:
    write_face_images(tmp_path, {"val": 3})
    (tmp_path / "labels/val/1.txt").unlink()
    (tmp_path / "manifest.csv").write_text("file,subset\n0.png,webcam_office\n1.png,negative\n")

    images = read_face_images(tmp_path, "val")

    assert [image.file.name for image in images] == ["0.png", "1.png", "2.png"]
    assert [image.subset for image in images] == ["webcam_office", "negative", None]
    assert [len(image.boxes_cxcywh) for image in images] == [1, 0, 1]
    np.testing.assert_allclose(images[0].boxes_cxcywh, [[0.5, 0.5, 1 / 3, 0.5]], atol=1e-4)


def test_the_folder_around_the_data_set_works_too(tmp_path: Path) -> None:
    write_face_images(tmp_path / "faces", {"val": 1})

    assert len(read_face_images(tmp_path, "val")) == 1


@pytest.mark.parametrize(
    "line", ["0 .5 .5 .3", "0 .5 .5 .3 x", "0 .5 .5 .3 1.2", "0 nan .5 .3 .2", "0 -.1 .5 .3 .2"]
)
def test_a_broken_label_names_its_file(tmp_path: Path, line: str) -> None:
    write_face_images(tmp_path, {"val": 1})
    (tmp_path / "labels/val/0.txt").write_text(line)

    with pytest.raises(DataError, match=r"0\.txt"):
        read_face_images(tmp_path, "val")


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="images"):
        read_face_images(tmp_path, "val")
    with pytest.raises(DataError, match="not a folder"):
        read_face_images(tmp_path / "nowhere", "val")


class TrueDetector:
    """Finds exactly one box, in the middle of every image."""

    def detect(self, images_bgr: list[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        return [(DetectedBox(Box(1 / 3, 0.25, 1 / 3, 0.5), 0.9),) for _ in images_bgr]


def test_a_perfect_detector_reports_one_everywhere(tmp_path: Path) -> None:
    write_face_images(tmp_path, {"val": 3})
    done: list[int] = []

    report = evaluate_detector(TrueDetector(), read_face_images(tmp_path, "val"), 64, done.append)

    assert report.ap50 == report.ap50_without_wider == report.recall_at_fp["0.1"] == 1.0
    assert report.ap50_by_size == {"small": None, "medium": 1.0, "large": None}
    assert report.ap50_webcam is None
    assert report.ap50_by_subset == {}
    assert (report.n, report.faces, done) == (3, 3, [1, 2, 3])


def test_subsets_are_reported_apart() -> None:
    box = np.array([[0.0, 0.0, 50.0, 50.0]])
    nothing, score = np.zeros((0, 4)), np.array([0.9])
    subsets = ["wider_val", "webcam_office", "webcam_lowres", "negative"]
    boxes = [
        ImageBoxes(box, nothing, np.zeros(0)),
        ImageBoxes(box, box, score),
        ImageBoxes(box, nothing, np.zeros(0)),
        ImageBoxes(nothing, nothing, np.zeros(0)),
    ]
    images = [FaceImage(Path(f"{name}.png"), name, np.zeros((0, 4), np.float32)) for name in subsets]

    report = summarize(match(boxes), images, 5.0)

    assert report.ap50 == pytest.approx(1 / 3)
    assert report.ap50_without_wider == report.ap50_webcam == 0.5
    assert report.ap50_by_subset == {"negative": None, "webcam_lowres": 0, "webcam_office": 1, "wider_val": 0}


def test_evaluate_detector_prints_the_promised_keys_as_json_alone(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEIGHTS", str(project / "weights"))
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "cache"))
    write_face_images(tmp_path / "faces", {"val": 2})

    code = main(["evaluate-detector", "--data", str(tmp_path / "faces"), "--image-size", "64", "--json"])

    report = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(report) == (
        "ap50 ap50_by_size ap50_over_48 ap50_without_wider ap50_webcam ap50_by_subset recall_at_fp n faces ms"
    ).split(" ")
    assert list(report["ap50_by_size"]) == ["small", "medium", "large"]
    assert list(report["recall_at_fp"]) == ["0.1", "1.0"]
    assert (report["n"], report["faces"]) == (2, 2)
    assert report["ms"] > 0


def test_an_unknown_detector_is_wrong_use(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEIGHTS", str(project / "weights"))

    assert main(["evaluate-detector", "--data", str(tmp_path), "--model", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err

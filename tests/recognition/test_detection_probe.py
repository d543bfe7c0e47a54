"""Images made hard on purpose, with boxes that stay on their faces, and the report about them."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.cli.main import main
from recognition.lab.data.faces import FaceImage
from recognition.lab.evaluation.detection import OVER_48, ImageBoxes, match, recall_at_score
from recognition.lab.evaluation.detection_changes import CHANGES, COVER_BGR, covered, darkened, tilted
from recognition.lab.evaluation.detection_probe import FalseBoxes, false_boxes, sheet
from recognition.types import Box, DetectedBox
from tests.recognition.face_images import write_face_images

WIDTH, HEIGHT = 120, 90


def with_a_dot(x: int, y: int) -> tuple[np.ndarray, np.ndarray]:
    """A dark image with a bright dot, and a box about it."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    cv2.circle(image, (x, y), 3, (255, 255, 255), -1)
    return image, np.array([[x - 10.0, y - 12.0, x + 10.0, y + 12.0]])


@given(degrees=st.floats(-180, 180), x=st.integers(12, WIDTH - 12), y=st.integers(14, HEIGHT - 14))
@settings(max_examples=50, deadline=None)
def test_a_tilted_images_boxes_stay_on_their_faces(degrees: float, x: int, y: int) -> None:
    image, boxes = tilted(*with_a_dot(x, y), degrees)
    white_y, white_x = np.nonzero(image[:, :, 0] > 200)
    centre = (boxes[0, :2] + boxes[0, 2:]) / 2
    assert centre == pytest.approx([white_x.mean(), white_y.mean()], abs=1.0)
    assert boxes[0, 2:] - boxes[0, :2] == pytest.approx([20, 24])


def test_a_right_tilt_turns_clockwise() -> None:
    _, boxes = tilted(*with_a_dot(60, 14), 30.0)
    assert (boxes[0, 0] + boxes[0, 2]) / 2 > 75  # what was above the middle went to the right


@pytest.mark.parametrize("side", ["left", "lower"])
def test_half_of_a_face_is_covered_and_what_is_beside_it(side: str) -> None:
    image = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    changed, boxes = covered(image, np.array([[20.0, 30.0, 60.0, 70.0], [-10.0, -10.0, 10.0, 10.0]]), side)
    hidden = (changed == COVER_BGR).all(axis=2)
    expected = np.zeros((HEIGHT, WIDTH), bool)
    if side == "left":
        expected[20:80, 10:40] = True  # of the second box the left half lies outside
    else:
        expected[50:80, 10:70] = expected[0:15, 0:15] = True
    assert np.array_equal(hidden, expected)
    assert (changed[~hidden] == 200).all()
    assert len(boxes) == 2


def test_the_dark_leaves_a_fifth_of_the_light() -> None:
    changed, _ = darkened(np.full((HEIGHT, WIDTH, 3), 200, np.uint8), np.zeros((0, 4)))
    assert changed.mean() == pytest.approx(40, abs=0.5)
    assert changed.std() == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_takes_an_image_without_faces(name: str) -> None:
    image = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    changed, boxes = CHANGES[name](image, np.zeros((0, 4)))
    assert (changed.dtype, changed.ndim, boxes.shape) == (np.uint8, 3, (0, 4))


def test_recall_counts_the_bands_faces_found_from_a_score_on() -> None:
    faces = np.array([[0, 0, 60, 60], [100, 0, 160, 60], [200, 0, 220, 20]], np.float64)
    matches = match([ImageBoxes(faces, faces, np.array([0.9, 0.3, 0.8]))])
    assert recall_at_score(matches, OVER_48, 0.5) == 0.5
    assert recall_at_score(matches, OVER_48, 0.2) == 1.0
    assert recall_at_score(match([ImageBoxes(faces[2:], faces[2:], np.ones(1))]), OVER_48, 0.5) is None


def test_the_command_writes_figures_and_a_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_face_images(tmp_path / "faces", {"val": 2})
    (tmp_path / "scenes").mkdir()
    cv2.imwrite(str(tmp_path / "scenes" / "grey.png"), np.full((64, 64, 3), 90, np.uint8))
    words = ["--data", str(tmp_path / "faces"), "--background-dir", str(tmp_path / "scenes")]

    assert main(["probe-detector", *words, "--device", "cpu", "--out", str(tmp_path / "out")]) == 0

    report = json.loads((tmp_path / "out" / "probe.json").read_text())
    assert [kind["name"] for kind in report["kinds"]] == list(CHANGES)
    assert report["false"]["pictures"] == 1
    assert report["unlabelled"]["pictures"] == 2
    assert "| out of focus |" in capsys.readouterr().out
    drawn = cv2.imread(str(tmp_path / "out" / "probe.jpg"))
    assert drawn is not None
    lines = max(1, math.ceil(min(report["unlabelled"]["boxes"], 48) / 8))
    assert drawn.shape[0] == (len(CHANGES) + 1) * 186 + 26 + lines * 160


def test_a_sheet_wraps_more_tiles_than_a_line_holds() -> None:
    tile = np.zeros((160, 160, 3), np.uint8)
    assert sheet([("none", []), ("nine", [tile] * 9)]).shape == (186 + 186 + 160, 8 * 160, 3)


class FindsTwo:
    """A detector that finds the labelled face and, less surely, another."""

    def detect(self, images_bgr: Sequence[np.ndarray], image_size: int) -> list[tuple[DetectedBox, ...]]:
        return [(DetectedBox(Box(0.1, 0.1, 0.4, 0.4), 0.9), DetectedBox(Box(0.6, 0.6, 0.3, 0.3), 0.5))]


def test_boxes_that_are_no_labelled_faces_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "one.png"
    cv2.imwrite(str(file), np.zeros((100, 100, 3), np.uint8))
    image = FaceImage(file, None, np.array([[0.3, 0.3, 0.4, 0.4]], np.float32))

    counted, tiles = false_boxes(FindsTwo(), [image, image], 320, live=0.4, shown=1)

    assert counted == FalseBoxes(pictures=2, boxes=2, per_picture=1.0)
    assert len(tiles) == 1
    assert false_boxes(FindsTwo(), [image], 320, live=0.6)[0].boxes == 0

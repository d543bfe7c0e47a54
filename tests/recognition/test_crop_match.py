"""Crops on a canvas, found and cut out again."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.cli.main import main
from recognition.images.decoding import crop_square
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.evaluation.crop_match import (
    BACKGROUNDS,
    FACE_PX,
    HEIGHT,
    MARGINS,
    PLACE,
    WIDTH,
    match_crops,
    on_canvas,
)
from recognition.models.cards import Head
from recognition.models.tasks import LABEL_SETS
from recognition.types import Box, DetectedBox, FloatArray, UInt8Array
from tests.recognition.test_training import as_kaggle_csv

HEAD = Head(("sad", "happy"), 1.0, None)


class Finder:
    """Finds the crop itself in images that are bright, with a smaller box elsewhere before it."""

    def detect(self, images_bgr: list[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        side = FACE_PX * 1.2
        box = Box((WIDTH - side) / 2 / WIDTH, (HEIGHT - side) / 2 / HEIGHT, side / WIDTH, side / HEIGHT)
        elsewhere = DetectedBox(Box(0, 0, 0.1, 0.1), 0.9)
        return [
            (elsewhere, DetectedBox(box, 0.8)) if image.mean() > 60 else (elsewhere,) for image in images_bgr
        ]


class Brightness:
    """Calls a bright image happy; another head is always more confident of something else."""

    def classify(self, crops: UInt8Array) -> FloatArray:
        bright = crops.reshape(len(crops), -1).mean(1) > 60
        return np.stack([~bright, bright, np.full(len(crops), 9)], axis=1).astype(np.float32)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_canvas_holds_the_crop_as_it_was_in_its_middle(background: str) -> None:
    crop = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (48, 48), np.uint8), (0, 0), 3)
    canvas = on_canvas(np.asarray(crop, np.uint8), background)
    assert canvas.shape == (HEIGHT, WIDTH, 3)
    again = crop_square(canvas, PLACE, 0.0, 48)
    assert np.abs(again.astype(int) - crop).mean() < 1.5


def test_figures_are_those_of_the_faces_that_were_found() -> None:
    images = np.stack([np.full((48, 48), level, np.uint8) for level in (200, 200, 20, 200)])
    data = LabelledImages(images, np.array([1, 0, 0, 1]), ("sad", "happy"))

    matched = match_crops(Finder(), Brightness(), HEAD, data, 320)

    assert (matched.n, matched.found, matched.accuracy_crop) == (4, 0.75, 0.75)
    assert matched.accuracy_found == pytest.approx(2 / 3)
    assert matched.side_ratio == pytest.approx(1.2)
    assert (matched.shift_x, matched.shift_y) == pytest.approx((0, 0))
    assert set(matched.accuracy_by_margin) == {f"{margin:g}" for margin in MARGINS}
    assert matched.accuracy_by_margin["0"] == pytest.approx(2 / 3)


def test_nothing_to_match_is_refused() -> None:
    nothing = LabelledImages(np.zeros((0, 48, 48), np.uint8), np.zeros(0, np.int64), LABEL_SETS["fer7"])
    with pytest.raises(ValueError, match="no image"):
        match_crops(Finder(), Brightness(), HEAD, nothing, 320)


def test_the_command_reads_kaggles_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "match-crops",
        "--data",
        str(as_kaggle_csv(tmp_path)),
        "--limit",
        "3",
        "--device",
        "cpu",
        "--json",
    ]
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["n"] == 3
    assert 0 <= report["found"] <= 1

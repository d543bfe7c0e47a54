"""Crops as a webcam gives them: each change against what it should do, and the report about them."""

import json
from pathlib import Path

import numpy as np
import pytest

from recognition.cli.main import main
from recognition.lab.evaluation.webcam_changes import CHANGES, as_jpeg, blurred, moved, relit, shrunk
from recognition.types import UInt8Array
from tests.recognition.test_training import as_kaggle_csv


def noise(*shape: int) -> UInt8Array:
    return np.random.default_rng(0).integers(0, 255, shape, np.uint8)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("shape", [(48, 48), (64, 64, 3)])
def test_a_changed_image_keeps_its_size_and_is_another(name: str, shape: tuple[int, ...]) -> None:
    image = noise(*shape)
    changed = CHANGES[name](image)
    assert (changed.shape, changed.dtype) == (image.shape, np.uint8)
    assert not np.array_equal(changed, image)


def test_half_of_the_resolution_is_the_mean_of_four_pixels() -> None:
    image = np.kron(noise(24, 24), np.ones((2, 2))).astype(np.uint8)
    small = shrunk(image, 1 / 2)
    assert np.abs(small[1:-1, 1:-1].astype(float).mean() - image[1:-1, 1:-1].mean()) < 1
    assert np.abs(small.astype(int) - shrunk(noise(48, 48), 1 / 2)).max() > 0


def test_light_is_multiplied_and_cut_off_at_white() -> None:
    assert relit(np.array([[100, 200]], np.uint8), 1.5, 20.0).tolist() == [[170, 255]]


def test_a_blur_and_a_jpeg_keep_the_mean() -> None:
    image = noise(48, 48)
    assert blurred(image).mean() == pytest.approx(image.mean(), abs=2)
    assert as_jpeg(image, 30).mean() == pytest.approx(image.mean(), abs=3)


def test_moving_goes_to_the_right_turns_clockwise_and_scales_about_the_middle() -> None:
    image = np.zeros((49, 49), np.uint8)
    image[4:7, 23:26] = 255  # above the middle
    turned, shifted = moved(image, degrees=45.0), moved(image, across=10 / 49)
    assert np.nonzero(turned)[1].mean() > 34
    assert np.nonzero(shifted > 127)[1].mean() == pytest.approx(34, abs=0.6)
    assert np.nonzero(moved(image, scale=0.5) > 60)[0].mean() == pytest.approx(14.5, abs=0.6)


def test_the_command_reports_each_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["probe", "--data", str(as_kaggle_csv(tmp_path)), "--split", "PublicTest", "--device", "cpu"]
    assert main([*words, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["changed"]) == set(CHANGES)
    assert report["mean"] == pytest.approx(np.mean(list(report["changed"].values())))
    assert report["drop"] == pytest.approx(report["clean"] - report["mean"])
    assert 0 <= report["ece_half"] <= 1
    assert 0 <= report["ece_chance"] <= 1

"""Metrics against values worked out apart, and the command's options."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from recognition.cli.main import main
from recognition.errors import DataError
from recognition.lab.data.split import read_split
from recognition.lab.evaluation.classification import answers_in
from recognition.lab.evaluation.metrics import (
    calibration_error,
    fit_calibration,
    summarise,
    uncertain_threshold,
    wilson_interval,
)
from recognition.lab.evaluation.test_time_augmentation import tta_logits
from recognition.models.calibration import Calibration
from recognition.models.cards import Head
from recognition.models.labels import softmax
from recognition.models.tasks import LABEL_SETS


def test_the_interval_of_80_of_100_is_wilsons() -> None:
    # 95 % Wilson score interval of 80/100, from the formula by hand.
    assert wilson_interval(80, 100) == pytest.approx((0.7112, 0.8666), abs=1e-4)


def test_the_calibration_error_of_two_bins_is_their_weighted_gap() -> None:
    # Two answers at .9, one right: gap .4. Two at .6, both right: gap .4.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]], np.float32)

    assert calibration_error(probabilities, np.array([0, 1, 0, 0])) == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize("hidden", [Calibration(2.5), Calibration(0.7, 1.3)])
def test_the_fitted_calibration_finds_the_one_that_was_hidden(hidden: Calibration) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (100_000, 7)).astype(np.float32) * hidden.temperature
    probabilities = hidden.probabilities(logits)
    # The largest of log probabilities with Gumbel noise is drawn by these probabilities.
    targets = (np.log(probabilities) + random.gumbel(size=probabilities.shape)).argmax(axis=1)

    found = fit_calibration(logits, targets)
    assert found.temperature == pytest.approx(hidden.temperature, rel=0.03)
    assert found.damping == pytest.approx(hidden.damping, abs=0.05)
    assert np.abs(found.probabilities(logits) - probabilities).mean() < 0.001


def test_answers_in_fewer_labels_are_the_calibrated_ones_renormalised() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (5, 7)).astype(np.float32)
    head = Head(LABEL_SETS["fer7"], 0.7, None, damping=1.3)

    answers = answers_in(logits, head, LABEL_SETS["fer5"])

    for computed, all_seven in (
        (answers.before, softmax(logits)),
        (answers.after, head.probabilities(logits)),
    ):
        five = all_seven[:, [0, 3, 4, 5, 6]]
        np.testing.assert_allclose(computed, five / five.sum(axis=1, keepdims=True), atol=1e-6)


def test_the_threshold_is_where_the_answers_kept_turn_right_often_enough() -> None:
    # The 500 answers from .5 on are right, the others wrong: four fifths are right from .375 on (125 wrong).
    confidence = np.linspace(0.25, 1, 751, dtype=np.float32)[:-1]
    probabilities = np.stack([confidence, *[(1 - confidence) / 4] * 4], axis=1)
    targets = np.where(confidence < 0.5, 1, 0)

    assert uncertain_threshold(probabilities, targets) == pytest.approx(0.38)


def test_the_summary_counts_rows_as_truth_and_columns_as_answers() -> None:
    probabilities = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]

    report = summarise(probabilities, np.array([0, 1, 1, 2]), ("a", "b", "c"), left_out=5)

    assert report["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert report["accuracy"] == 0.75
    assert report["per_class"]["b"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
    }
    assert report["macro_recall"] == pytest.approx(2.5 / 3)
    assert (report["n"], report["left_out"]) == (4, 5)


class LeftMinusRight(nn.Module):
    """Two logits: brightness of the left and of the right half."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        left, right = pixels.float().chunk(2, dim=2)
        return torch.stack([left.mean((1, 2)), right.mean((1, 2))], dim=1) / 50


def test_flipped_views_make_left_and_right_alike() -> None:
    image = np.zeros((1, 48, 48), np.uint8)
    image[:, :, :24] = 200

    for views in ("flip", "ten"):
        logits = tta_logits(LeftMinusRight(), image, views, torch.device("cpu"))
        assert logits[0, 0] == pytest.approx(logits[0, 1], abs=1e-5)
    single = tta_logits(LeftMinusRight(), image, "1", torch.device("cpu"))
    assert single[0, 0] > single[0, 1]


def face_folders(folder: Path, labels: tuple[str, ...]) -> Path:
    for number, label in enumerate(labels):
        (folder / label).mkdir(parents=True)
        for copy in range(3):
            image = np.full((60, 60), 20 * number + copy, np.uint8)
            cv2.imwrite(str(folder / label / f"{copy}.png"), image)
    return folder


def test_label_folders_are_read_and_others_left_out_and_counted(tmp_path: Path) -> None:
    folder = face_folders(tmp_path, ("angry", "happy", "fear"))

    split = read_split(folder, None, LABEL_SETS["fer5"], 48)

    assert split.left_out == 3
    assert split.data.images.shape == (6, 48, 48)
    assert split.data.targets.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_split_folder_is_chosen_by_name(tmp_path: Path) -> None:
    face_folders(tmp_path / "val", ("angry",))
    face_folders(tmp_path / "test", ("happy", "sad"))

    assert len(read_split(tmp_path, None, LABEL_SETS["fer7"], 48).data) == 3
    assert len(read_split(tmp_path, "test", LABEL_SETS["fer7"], 48).data) == 6
    with pytest.raises(DataError, match="no folder train"):
        read_split(tmp_path, "train", LABEL_SETS["fer7"], 48)


def test_evaluate_prints_the_documented_keys_and_skips_corrupt_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = face_folders(tmp_path, ("angry", "happy", "contempt"))
    (folder / "happy" / "cut.jpg").write_bytes(b"\xff\xd8\xff")

    code = main(["evaluate", "--data", str(folder), "--device", "cpu", "--json"])
    captured = capsys.readouterr()

    assert code == 1
    assert "cut.jpg" in captured.err
    report = json.loads(captured.out)
    assert set(report) == {
        "n", "left_out", "accuracy", "ci95", "macro_precision", "macro_recall", "macro_f1",
        "per_class", "labels_without_images", "confusion", "labels", "ece", "top2", "top5", "risk_coverage",
    }  # fmt: skip
    assert (report["n"], report["left_out"]) == (6, 3)
    assert set(report["ece"]) == {"before", "after"}


@pytest.mark.parametrize(
    "words", [["--model", "hand_digits", "--label-set", "fer5"], ["--label-set", "none"], ["--model", "none"]]
)
def test_labels_or_models_that_are_not_there_are_wrong_use(tmp_path: Path, words: list[str]) -> None:
    assert main(["evaluate", "--data", str(face_folders(tmp_path, ("angry",))), *words]) == 2

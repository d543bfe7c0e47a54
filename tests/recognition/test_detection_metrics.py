"""Matching and average precision, against cases by hand and an independent implementation."""

import numpy as np
import pytest

from recognition.detection.overlap import iou_matrix
from recognition.lab.evaluation.detection import (
    OVER_48,
    SIZE_BANDS,
    Band,
    ImageBoxes,
    average_precision,
    best_threshold,
    interval,
    match,
    recall_at_false_rate,
)


def image(faces: list[list[float]], found: list[list[float]], scores: list[float]) -> ImageBoxes:
    return ImageBoxes(
        np.array(faces, np.float64).reshape(-1, 4),
        np.array(found, np.float64).reshape(-1, 4),
        np.array(scores, np.float64),
    )


def square(x: float, y: float, side: float) -> list[float]:
    return [x, y, x + side, y + side]


FACES = [square(0, 0, 40), square(100, 0, 40)]
FALSE = square(300, 300, 40)


def test_the_area_of_a_case_by_hand() -> None:
    # right, false, right: precision 1 at recall 1/2, then 2/3 at recall 1.
    matches = match([image(FACES, [FACES[0], FALSE, FACES[1]], [0.9, 0.8, 0.7])])

    assert average_precision(matches) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_face_that_nothing_finds_costs_its_share() -> None:
    assert average_precision(match([image(FACES, [FACES[0]], [0.9])])) == pytest.approx(0.5)


def test_the_second_box_on_one_face_is_false() -> None:
    matches = match([image(FACES, [FACES[0], FACES[0], FACES[1]], [0.9, 0.8, 0.7])])

    assert average_precision(matches) == pytest.approx(0.5 + 0.5 * 2 / 3)


@pytest.mark.parametrize(("shift", "right"), [(0.0, True), (13.0, True), (14.0, False)])
def test_a_box_is_right_from_an_overlap_of_a_half(shift: float, right: bool) -> None:
    # Two squares of 40 shifted by s overlap by (40 - s) / (40 + s): a half at 13.33.
    matches = match([image([square(0, 0, 40)], [square(shift, 0, 40)], [0.9])])

    assert average_precision(matches) == float(right)


def test_the_better_box_chooses_first_and_takes_the_face_it_overlaps_most() -> None:
    faces = [square(0, 0, 40), square(10, 0, 40)]
    matches = match([image(faces, [square(9, 0, 40), square(8, 0, 40)], [0.6, 0.9])])

    assert matches.face_of_found.tolist() == [1, 0]
    assert matches.scores.tolist() == [0.9, 0.6]


def test_boxes_of_one_image_do_not_find_faces_of_another() -> None:
    images = [image([FACES[0]], [], []), image([], [FACES[0]], [0.9])]

    assert average_precision(match(images)) == 0.0


def test_no_face_is_no_figure() -> None:
    matches = match([image([], [FALSE], [0.9])])

    assert average_precision(matches) is None
    assert recall_at_false_rate(matches, 1.0) is None
    assert best_threshold(matches) is None
    assert interval(matches, Band(), np.ones(1, bool), resamples=10) is None


@pytest.mark.parametrize(
    ("side", "band"),
    [(31.9, "small"), (32, "medium"), (96, "medium"), (96.5, "large")],
)
def test_bands_meet_at_32_and_96_pixels(side: float, band: str) -> None:
    holders = [name for name, limits in SIZE_BANDS.items() if limits.holds(np.array([float(side)]))[0]]

    assert holders == [band]


def test_48_pixels_count_as_over_48() -> None:
    assert OVER_48.holds(np.array([47.9, 48.0, 60.0])).tolist() == [False, True, True]


def test_a_band_ignores_other_faces_and_the_boxes_on_them() -> None:
    small, large = square(0, 0, 20), square(100, 0, 200)
    found = [small, large, square(500, 0, 20)]
    matches = match([image([small, large], found, [0.7, 0.9, 0.8])])

    # The unmatched small box is false among the small, and nothing among the large.
    assert average_precision(matches, SIZE_BANDS["small"]) == pytest.approx(0.5)
    assert average_precision(matches, SIZE_BANDS["large"]) == 1.0
    assert average_precision(matches, SIZE_BANDS["medium"]) is None


def test_the_longer_side_is_a_size() -> None:
    wide = [0.0, 0.0, 100.0, 20.0]
    matches = match([image([wide], [wide], [0.9])])

    assert average_precision(matches, SIZE_BANDS["large"]) == 1.0
    assert average_precision(matches, SIZE_BANDS["small"]) is None


def test_recall_at_a_rate_counts_false_boxes_an_image() -> None:
    found = [FALSE, FACES[0], square(400, 400, 40), FACES[1]]
    matches = match([image(FACES, found, [0.9, 0.8, 0.7, 0.6]), image([], [], [])])

    assert recall_at_false_rate(matches, 0.1) == 0.0
    assert recall_at_false_rate(matches, 0.5) == 0.5
    assert recall_at_false_rate(matches, 1.0) == 1.0


def test_the_best_threshold_is_a_score_that_was_seen() -> None:
    matches = match([image(FACES, [FACES[0], FACES[1], FALSE], [0.9, 0.6, 0.3])])

    assert best_threshold(matches) == 0.6


def random_images(seed: int) -> list[ImageBoxes]:
    generator = np.random.default_rng(seed)
    images = []
    for _ in range(60):
        corners = generator.uniform(0, 300, (generator.integers(0, 6), 2))
        faces = np.concatenate([corners, corners + generator.uniform(10, 120, (len(corners), 1))], axis=1)
        near = faces + generator.normal(0, 6, faces.shape)
        other = generator.uniform(0, 300, (generator.integers(0, 5), 2))
        far = np.concatenate([other, other + generator.uniform(10, 120, (len(other), 1))], axis=1)
        found = np.concatenate([near, far])
        scores = np.concatenate([generator.beta(4, 2, len(near)), generator.beta(2, 4, len(far))])
        images.append(ImageBoxes(faces, found, scores))
    return images


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_agrees_with_ultralytics(seed: int) -> None:
    from ultralytics.utils.metrics import ap_per_class

    matches = match(random_images(seed))
    right = (matches.face_of_found >= 0)[:, None]
    results = ap_per_class(right, matches.scores, np.zeros(len(right)), np.zeros(len(matches.face_sizes)))
    expected = float(results[5][0, 0])

    ours = average_precision(matches)

    assert 0.3 < expected < 0.99
    # ultralytics samples the curve at 101 recalls; ours is its exact area.
    assert ours == pytest.approx(expected, abs=0.01)


def test_overlaps_agree_with_torchvision() -> None:
    import torch
    from torchvision.ops import box_iou

    boxes = random_images(7)
    for one in boxes[:10]:
        expected = box_iou(torch.from_numpy(one.found_xyxy), torch.from_numpy(one.faces_xyxy)).numpy()
        positive = (one.found_xyxy[:, 2:] > one.found_xyxy[:, :2]).all(axis=1)
        np.testing.assert_allclose(
            iou_matrix(one.found_xyxy, one.faces_xyxy)[positive], expected[positive], atol=1e-9
        )


def test_the_interval_holds_the_figure_and_a_weight_of_two_counts_twice() -> None:
    images = random_images(1)
    matches = match(images)
    whole = average_precision(matches)
    spread = interval(matches, Band(), np.ones(len(images), bool), resamples=200)

    assert spread is not None
    assert whole is not None
    assert spread[0] < whole < spread[1]
    doubled = average_precision(match([*images, *images[:10]]))
    weights = np.ones(len(images))
    weights[:10] = 2
    assert average_precision(matches, image_weights=weights) == pytest.approx(doubled, abs=1e-3)

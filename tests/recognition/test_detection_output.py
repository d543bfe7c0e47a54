"""Raw maps to boxes, and one box a face."""

import numpy as np
import pytest

from recognition.detection.yolo_output import (
    MAX_CANDIDATES,
    MAX_FACES,
    Candidates,
    decode,
    doubt_overlapping,
    nms_with_box_voting,
)

CELLS_64 = 8 * 8 + 4 * 4 + 2 * 2  # the grids of stride 8, 16, 32 of a 64 x 64 input


def empty_maps() -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((64, CELLS_64), np.float32), np.full(CELLS_64, -20, np.float32)


def test_a_cell_points_to_its_box() -> None:
    boxes, scores = empty_maps()
    cell = 64 + 1 * 4 + 2  # stride 16, row 1, column 2: centre (40, 24)
    scores[cell] = 0.0
    for side, distance in enumerate((1, 0, 1, 2)):
        boxes[side * 16 + distance, cell] = 50  # all the weight on one bin

    found = decode(boxes, scores, (64, 64), min_score=0.25)

    np.testing.assert_allclose(found.boxes_xyxy, [[40 - 16, 24, 40 + 16, 24 + 32]], atol=1e-3)
    np.testing.assert_allclose(found.scores, [0.5], atol=1e-6)


def test_an_even_distribution_lies_at_its_mean() -> None:
    boxes, scores = empty_maps()
    scores[0] = 3.0

    found = decode(boxes, scores, (64, 64), min_score=0.25)

    np.testing.assert_allclose(found.boxes_xyxy, [[4 - 60, 4 - 60, 4 + 60, 4 + 60]], atol=1e-3)


def test_nothing_over_the_threshold_is_no_box() -> None:
    found = doubt_overlapping(nms_with_box_voting(decode(*empty_maps(), (64, 64), min_score=0.1), 0.5))

    assert found.boxes_xyxy.shape == (0, 4)
    assert found.scores.shape == (0,)


@pytest.mark.parametrize(("min_score", "count"), [(0.0, CELLS_64), (1.0, 0)])
def test_the_ends_of_the_scale_keep_everything_and_nothing(min_score: float, count: int) -> None:
    assert len(decode(*empty_maps(), (64, 64), min_score).scores) == count


def test_candidates_are_limited_and_fall_in_score() -> None:
    cells = 40 * 40 + 20 * 20 + 10 * 10
    scores = np.linspace(-1, 3, cells, dtype=np.float32)

    found = decode(np.zeros((64, cells), np.float32), scores, (320, 320), min_score=0.1)

    assert len(found.scores) == MAX_CANDIDATES
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-3.0)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("max_iou", [0.3, 0.5, 0.7])
def test_torchvision_keeps_the_same_and_each_box_is_the_mean_of_its_doubles(
    seed: int, max_iou: float
) -> None:
    import torch
    from torchvision.ops import box_iou, nms

    generator = np.random.default_rng(seed)
    corners = generator.uniform(0, 200, (250, 2))
    boxes = np.concatenate([corners, corners + generator.uniform(5, 80, (250, 2))], axis=1).astype(np.float32)
    scores = np.sort(generator.permutation(1000)[:250].astype(np.float32))[::-1].copy()

    kept = nms_with_box_voting(Candidates(boxes, scores), max_iou)

    expected = nms(torch.from_numpy(boxes), torch.from_numpy(scores), max_iou).numpy()
    assert 1 < len(expected) < 250
    np.testing.assert_array_equal(kept.scores, scores[expected])
    overlaps = box_iou(torch.from_numpy(boxes[expected]), torch.from_numpy(boxes)).numpy()
    owners = (overlaps > max_iou).argmax(axis=0)  # of each box, the first that stays and overlaps it
    for number, box in enumerate(kept.boxes_xyxy):
        weights = scores[owners == number, None].astype(float)  # all far above VOTER_SCORE
        mean = (boxes[owners == number] * weights).sum(axis=0) / weights.sum()
        np.testing.assert_allclose(box, mean, rtol=1e-4)


def test_at_most_three_hundred_faces_stay() -> None:
    left = np.arange(400, dtype=np.float32)[:, None] * 10
    boxes = np.concatenate([left, left * 0, left + 5, left * 0 + 5], axis=1)

    assert len(nms_with_box_voting(Candidates(boxes, np.ones(400, np.float32)), 0.5).scores) == MAX_FACES


def test_a_box_of_half_a_face_is_doubted_and_one_beside_it_is_not() -> None:
    whole, half, beside = [0, 0, 100, 100], [0, 0, 45, 100], [90, 0, 190, 100]
    boxes = np.array([whole, half, beside], np.float32)

    seen = doubt_overlapping(Candidates(boxes, np.array([0.5, 0.4, 0.3], np.float32)))

    np.testing.assert_array_equal(seen.boxes_xyxy, boxes[[0, 2, 1]])
    np.testing.assert_allclose(seen.scores, [0.5, 0.3, 0.4 * 0.55], atol=1e-6)

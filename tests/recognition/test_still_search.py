"""Still images searched by detail: tiles that join, second tries, boxes carried back; one face, one box."""

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.detection.still_search import AUTO_SCALE, Search, search_faces, turned_back
from recognition.detection.tiles import OVERLAP_PX, SIDE_PX, Tile, tiles_of
from recognition.types import Box, DetectedBox, UInt8Array

SIZE = 448
LEAST_PX = 40  # what the detector of these tests needs of a face's side


class DiscDetector:
    """Finds white discs that are large enough at the size it sees; `accepts` may refuse an image's disc."""

    def __init__(self, accepts: Callable[[UInt8Array, Box], bool] = lambda image, box: True) -> None:
        self.runs: list[tuple[int, int]] = []
        self.accepts = accepts

    def detect(self, images_bgr: Sequence[UInt8Array], image_size: int) -> list[tuple[DetectedBox, ...]]:
        return [self._one(image, image_size) for image in images_bgr]

    def _one(self, image: UInt8Array, image_size: int) -> tuple[DetectedBox, ...]:
        height, width = image.shape[:2]
        self.runs.append((width, height))
        scale = min(1.0, image_size / max(width, height))
        white = (image[:, :, 1] > 200).astype(np.uint8)
        _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(white)
        boxes = [Box(x / width, y / height, w / width, h / height) for x, y, w, h, _ in stats[1:].tolist()]
        return tuple(
            DetectedBox(box, 0.9)
            for box in boxes
            if max(box.w * width, box.h * height) * scale >= LEAST_PX and self.accepts(image, box)
        )


def discs_on_black(width: int, height: int, *discs: tuple[int, int, int]) -> UInt8Array:
    """Black, with white discs (x, y, diameter)."""
    image = np.zeros((height, width, 3), np.uint8)
    for x, y, diameter in discs:
        cv2.circle(image, (x, y), diameter // 2, (255, 255, 255), -1)
    return image


def end_of(search: Generator[None, None, Search]) -> Search:
    while True:
        try:
            next(search)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def looked(image: UInt8Array, detail: str, detector: DiscDetector | None = None) -> Search:
    return end_of(search_faces(detector or DiscDetector(), image, detail, SIZE, 0.25))


@given(st.integers(1, 6000), st.integers(1, 6000))
@settings(deadline=None)
def test_tiles_cover_the_image_and_share_what_they_should(width: int, height: int) -> None:
    tiles = tiles_of(width, height)
    for length, side, starts in (
        (width, min(SIDE_PX, width), sorted({tile.left for tile in tiles})),
        (height, min(SIDE_PX, height), sorted({tile.top for tile in tiles})),
    ):
        assert starts[0] == 0
        assert starts[-1] + side == length
        assert all(right - left <= SIDE_PX - OVERLAP_PX for left, right in pairwise(starts))


def test_a_tile_at_the_end_is_filled_up_to_a_square() -> None:
    assert Tile(0, 0, 100, 50).cut(discs_on_black(100, 50)).shape == (SIDE_PX, SIDE_PX, 3)


GRID = [(x, y, 64) for x in range(60, 4000, 240) for y in range(60, 3000, 270)]


@pytest.mark.parametrize(("detail", "found"), [("fast", 0), ("auto", len(GRID)), ("full", len(GRID))])
def test_every_small_face_of_a_large_image_is_found_once(detail: str, found: int) -> None:
    search = looked(discs_on_black(4000, 3000, *GRID), detail)
    assert len(search.boxes) == found
    assert search.detail == detail
    for box in (detected.box for detected in search.boxes):
        assert box.w * 4000 == pytest.approx(64, abs=5)


@settings(deadline=None, max_examples=10)
@given(st.integers(600, 3400), st.integers(600, 2400), st.integers(60, 1100))
def test_a_face_of_any_size_at_any_place_has_one_box(x: int, y: int, diameter: int) -> None:
    (detected,) = looked(discs_on_black(4000, 3000, (x, y, diameter)), "auto").boxes
    assert (
        detected.box.iou(
            Box((x - diameter / 2) / 4000, (y - diameter / 2) / 3000, diameter / 4000, diameter / 3000)
        )
        > 0.6
    )


def test_a_large_face_that_only_a_tile_shows_is_none() -> None:
    detector = DiscDetector(lambda image, box: box.w > 0.3)  # never in the whole image
    assert looked(discs_on_black(4000, 3000, (2000, 1500, 430)), "full", detector).boxes == ()


def test_two_faces_side_by_side_stay_two() -> None:
    assert len(looked(discs_on_black(4000, 3000, (1000, 1000, 90), (1095, 1000, 90)), "auto").boxes) == 2


@pytest.mark.parametrize(
    ("size", "detail", "used", "runs"),
    [
        ((640, 480), "fast", "fast", 1),
        ((580, 400), "auto", "fast", 1),
        ((1000, 600), "auto", "auto", 1),
        ((1920, 1080), "auto", "auto", 3),
        ((4000, 3000), "auto", "auto", 13),
        ((4000, 3000), "full", "full", 25),
        ((400, 300), "full", "full", 1),
        ((800, 600), "full", "full", 1),
    ],
)
def test_the_pass_follows_the_size(size: tuple[int, int], detail: str, used: str, runs: int) -> None:
    detector = DiscDetector()
    search = looked(discs_on_black(*size, (size[0] // 2, size[1] // 2, size[1] // 2)), detail, detector)
    assert (search.detail, len(detector.runs), len(search.boxes)) == (used, runs, 1)


# Second tries


def not_at_the_edge(image: UInt8Array, box: Box) -> bool:
    return box.x > 0.1 and box.y > 0.1 and box.x + box.w < 0.9 and box.y + box.h < 0.9


@pytest.mark.parametrize("size", [(48, 48), (640, 720), (3000, 3000)])
def test_a_face_that_fills_the_image_is_found_in_a_padded_copy(size: tuple[int, int]) -> None:
    image = discs_on_black(*size, (size[0] // 2, size[1] // 2, round(min(size) * 0.96)))
    search = looked(image, "auto", DiscDetector(not_at_the_edge))
    assert search.notes == ("padded",)
    (detected,) = search.boxes
    expected = 0.96 * min(size)
    assert detected.box.w * size[0] == pytest.approx(expected, rel=0.06)
    assert detected.box.h * size[1] == pytest.approx(expected, rel=0.06)


def test_fast_makes_no_second_try() -> None:
    detector = DiscDetector(not_at_the_edge)
    assert looked(discs_on_black(48, 48, (24, 24, 46)), "fast", detector).boxes == ()
    assert len(detector.runs) == 1


def red_above_blue(image: UInt8Array, box: Box) -> bool:
    """Only upright: the image's upper edge is red."""
    edge = image[2:12]
    return bool(((edge[:, :, 2] > 200) & (edge[:, :, 1] < 100)).mean() > 0.5)


@pytest.mark.parametrize("detail", ["auto", "full"])
@pytest.mark.parametrize("size", [(400, 300), (1200, 900), (2400, 1800)])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_image_is_turned_back_and_its_boxes_too(
    quarters: int, size: tuple[int, int], detail: str
) -> None:
    width, height = size
    upright = discs_on_black(width, height, (width // 4, height // 2, height // 4))
    upright[: height // 20, :, 2] = 255
    # Turned right, so that it is upright after as many quarters to the left.
    stored = np.ascontiguousarray(np.rot90(upright, -quarters))
    detector = DiscDetector(lambda image, box: red_above_blue(image, box) and box.w < 0.5)
    search = looked(stored, detail, detector)
    assert (search.quarters, search.notes) == (quarters, (f"turned_{360 - 90 * quarters}",))
    (detected,) = search.boxes
    box = turned_back(detected.box, search.quarters)
    white = np.argwhere(stored[:, :, 1] > 200)
    (top, left), (bottom, right) = white.min(axis=0), white.max(axis=0)
    tall, wide = stored.shape[:2]
    expected = Box(left / wide, top / tall, (right - left) / wide, (bottom - top) / tall)
    assert box.iou(expected) > 0.8


def test_an_upright_image_with_a_clear_face_is_not_turned() -> None:
    detector = DiscDetector()
    looked(discs_on_black(580, 400, (290, 200, 100)), "auto", detector)
    assert len(detector.runs) == 1


def test_nothing_anywhere_costs_the_tries_and_finds_nothing() -> None:
    detector = DiscDetector()
    search = looked(discs_on_black(400, 300), "auto", detector)
    assert (search.boxes, search.notes, search.quarters, len(detector.runs)) == ((), (), 0, 5)


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.integers(0, 3))
def test_four_quarters_bring_a_box_back(x: float, y: float, w: float, h: float, quarters: int) -> None:
    box = turned_back(turned_back(Box(x, y, w, h), quarters), 4 - quarters)
    assert (box.x, box.y, box.w, box.h) == pytest.approx((x, y, w, h))


def test_auto_sees_enough_of_a_face_of_64_pixels() -> None:
    assert AUTO_SCALE * 64 >= LEAST_PX

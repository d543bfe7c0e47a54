"""Every frame of a stream has a time: its own, by a rate, the capture's, or the clock's."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.stream_times import timed_frames
from recognition.types import UInt8Array

FRAME = np.zeros((48, 64, 3), np.uint8)


def ticking(step_s: float = 0.5, start_s: float = 100.0) -> Iterator[float]:
    return (start_s + step_s * n for n in count())


def times(source: object, fps: float | None = None) -> list[float]:
    clock = ticking()
    return [at for _, at in timed_frames(source, fps, lambda: next(clock))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "fps", "expected"),
    [
        ([], None, []),
        ([FRAME] * 3, None, [0.0, 0.5, 1.0]),
        ([FRAME] * 3, 10, [0.0, 0.1, 0.2]),
        ([(FRAME, 7), (FRAME, 7.5)], None, [7.0, 7.5]),
        ([(FRAME, 7.0), (FRAME, np.float32(7.5))], 10, [7.0, 7.5]),
        (np.stack([FRAME] * 3), 10, [0.0, 0.1, 0.2]),
        (iter(["a.jpg", "b.jpg"]), 2, [0.0, 0.5]),
    ],
)
def test_the_time_of_a_frame(source: object, fps: float | None, expected: list[float]) -> None:
    assert times(source, fps) == pytest.approx(expected)


@pytest.mark.parametrize("at", [float("nan"), float("inf"), None, "1"])
def test_a_pair_without_a_time_is_an_error_that_names_the_frame(at: object) -> None:
    with pytest.raises(ValueError, match=r"^frame 1 of the stream: expected a pair"):
        times([(FRAME, 0.0), (FRAME, at)])


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_a_rate_is_positive(fps: float) -> None:
    with pytest.raises(ValueError, match="fps is"):
        timed_frames([], fps)


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("video.mp4", TypeError, "got str; open a video file with"),
        (b"video", TypeError, "got bytes"),
        (0, TypeError, "got int"),
        (FRAME, ValueError, "got one array of shape"),
    ],
)
def test_what_is_no_source_is_refused_at_once(source: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        timed_frames(source)  # type: ignore[arg-type]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Four frames at 5 frames a second."""
    file = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 5, (64, 48))
    for n in range(4):
        writer.write(np.full((48, 64, 3), 60 * n, np.uint8))
    writer.release()
    return file


def test_a_file_has_the_times_that_it_says(video: Path) -> None:
    frames = list(timed_frames(cv2.VideoCapture(str(video))))

    assert [at for _, at in frames] == pytest.approx([0, 0.2, 0.4, 0.6])
    brightness = [float(np.mean(frame)) for frame, _ in frames]  # type: ignore[arg-type]
    assert brightness == pytest.approx([0, 60, 120, 180], abs=3)
    assert times(cv2.VideoCapture(str(video)), 10) == pytest.approx([0, 0.1, 0.2, 0.3])


class NoPosition:
    """A capture whose backend reports no position."""

    def __init__(self, frames: int, **reported: float) -> None:
        self.left = frames
        self.reported = {getattr(cv2, f"CAP_PROP_{name}"): value for name, value in reported.items()}

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def read(self) -> tuple[bool, UInt8Array]:
        self.left -= 1
        return self.left >= 0, FRAME

    def get(self, prop_id: int, /) -> float:
        return self.reported.get(prop_id, 0.0)


@pytest.mark.parametrize(
    ("capture", "expected"),
    [
        (NoPosition(4, FRAME_COUNT=4, FPS=20), [0, 0.05, 0.1, 0.15]),
        (NoPosition(4, FPS=20), [0, 0.5, 1.0, 1.5]),
    ],
    ids=["file", "camera"],
)
def test_a_position_that_is_not_reported_is_estimated(capture: NoPosition, expected: list[float]) -> None:
    assert times(capture) == pytest.approx(expected)


def test_a_frame_is_read_when_it_is_asked_for() -> None:
    taken: list[int] = []

    def frames() -> Iterator[UInt8Array]:
        for n in range(3):
            taken.append(n)
            yield FRAME

    stream = timed_frames(frames())
    assert taken == []
    next(stream)
    assert taken == [0]

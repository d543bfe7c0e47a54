"""The frames of a stream and the time of each: from a capture, or an iterable of frames or of pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Protocol, TypeAlias, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from recognition.errors import ImageUnreadable
from recognition.images.inputs import ImageInput

# Evaluated by type checkers only, like ImageInput.
FrameSource: TypeAlias = "Capture | Iterable[ImageInput | tuple[ImageInput, float]]"
Frames = Iterator[tuple[object, float]]


@runtime_checkable
class Capture(Protocol):
    """The methods used of a `cv2.VideoCapture`, or of an object that wraps one."""

    def isOpened(self) -> bool:  # noqa: N802
        """Return whether there is a camera or file to read."""
        ...

    def read(self) -> tuple[bool, npt.NDArray[np.generic]]:
        """Return whether there was another frame, and the frame (h, w, 3) BGR."""
        ...

    def get(self, prop_id: int, /) -> float:
        """Return one of OpenCV's `CAP_PROP` properties; 0 where it is unknown."""
        ...


def timed_frames(
    source: FrameSource, fps: float | None = None, clock: Callable[[], float] = monotonic
) -> Frames:
    """Return the frames of `source` with the time of each in seconds.

    A pair has its own time. Else it is n / `fps` where `fps` is given; the capture's position, where the
    source is a capture; or the seconds of `clock` since the first frame. Raises TypeError or ValueError for
    anything else, ImageUnreadable for a capture that is not open.
    """
    if fps is not None and not 0 < fps < math.inf:
        raise ValueError(f"fps is {fps}; expected a positive number")
    if isinstance(source, Capture):
        if not source.isOpened():
            raise ImageUnreadable("The capture is not open; check its file name or camera.")
        return _captured(source, fps, clock)
    if isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise TypeError(
            f"expected a cv2.VideoCapture or an iterable of frames, got {type(source).__name__}; "
            "open a video file with cv2.VideoCapture(path)"
        )
    if isinstance(source, np.ndarray) and source.ndim != 4:
        raise ValueError(f"expected frames (n, h, w, 3), got one array of shape {source.shape}")
    return _given(source, fps, clock)


def _captured(capture: Capture, fps: float | None, clock: Callable[[], float]) -> Frames:
    # A camera reports a nominal rate and no frame count: what it delivers may be slower.
    rate = capture.get(cv2.CAP_PROP_FPS) if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0 else 0.0
    number, at, read_at = 0, -math.inf, clock()
    while True:
        found, frame = capture.read()
        if not found:
            return
        before, read_at = read_at, clock()
        position = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Some backends do not know the position, and repeat 0.
        step = 1 / rate if rate > 0 else read_at - before
        at = position if position > at else at + step
        yield frame, at if fps is None else number / fps
        number += 1


def _given(
    source: Iterable[ImageInput | tuple[ImageInput, float]], fps: float | None, clock: Callable[[], float]
) -> Frames:
    first_at: float | None = None
    for number, given in enumerate(source):
        if isinstance(given, tuple):
            yield _pair(given, number)
            continue
        now = clock()
        first_at = now if first_at is None else first_at
        yield given, now - first_at if fps is None else number / fps


def _pair(given: tuple[object, ...], number: int) -> tuple[object, float]:
    if len(given) != 2 or not isinstance(given[1], int | float | np.number) or not math.isfinite(given[1]):
        raise ValueError(f"frame {number} of the stream: expected a pair (frame, time in seconds)")
    return given[0], float(given[1])

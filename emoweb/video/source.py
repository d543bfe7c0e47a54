"""A film's file as frames with the film's own times, turned upright, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from emoweb.video.refusals import FilmRefused

MOST_PIXELS: Final = 4096 * 2304
# How far the last frame may lie before the length that the header names.
CUT_SHORT_S: Final = 1.5
# Beyond this a decoder may not get on for its broken packets.
MOST_BROKEN: Final = 300
_TURNS: Final = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrame:
    """One frame: its number from the start, its time in seconds from the first, and its pixels on demand."""

    number: int
    at_s: float
    _frame: Any

    @property
    def image_bgr(self) -> npt.NDArray[np.uint8]:
        """The upright picture (h, w, 3)."""
        image = self._frame.to_ndarray(format="bgr24")
        turn = _TURNS.get(round(self._frame.rotation / 90) * 90 % 360)
        return image if turn is None else np.ascontiguousarray(cv2.rotate(image, turn))


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What the header and the first frame say. Length 0: the header names none."""

    duration_s: float
    width: int
    height: int


def container_format(head: bytes) -> str | None:
    """Return the demuxer for a file's first bytes, None for what is no film we take."""
    if len(head) >= 12 and head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
        return "mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "avi" if head[:4] == b"RIFF" and head[8:12] == b"AVI " else None


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a film's container; raises FilmRefused where it is none or cannot be read."""
    import av

    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise FilmRefused("empty")
    # The demuxer is named: a guessed one could be a playlist, which reads other files.
    kind = container_format(head)
    if kind is None:
        raise FilmRefused("not_a_film")
    try:
        container = av.open(str(path), format=kind)
    except (av.FFmpegError, ValueError) as error:
        raise FilmRefused("damaged") from error
    with container:
        if not container.streams.video:
            raise FilmRefused("no_video")
        yield container


def look_at(path: Path) -> FilmFacts:
    """Read the header and the first frame; raises FilmRefused."""
    with opened(path) as container:
        size = container.streams.video[0].codec_context
        if size.width * size.height > MOST_PIXELS:
            raise FilmRefused("too_many_pixels")
        first = next(_decoded(container), None)
        if first is None:
            raise FilmRefused("no_frames")
        width, height = first.width, first.height
        if round(first.rotation / 90) % 2:
            width, height = height, width
        return FilmFacts(length_of(container), width, height)


def length_of(container: Any) -> float:
    """Return the length in seconds that the header names, 0 where it names none."""
    stream = container.streams.video[0]
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration else 0.0


def frames(container: Any, from_s: float = 0.0, number: int = 0) -> Iterator[FilmFrame]:
    """Give the frames in order from the first at or after `from_s`, which is frame `number`.

    Times come from the film itself and start at 0, so a variable rate is kept. Frames without a time, or
    with one that does not rise, are left out.
    """
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    start = float(stream.start_time * stream.time_base) if stream.start_time is not None else 0.0
    if from_s > 0:
        container.seek(max(int((from_s + start) / stream.time_base), 0), stream=stream, backward=True)
    last = -1.0
    for frame in _decoded(container):
        if frame.pts is None:
            continue
        at_s = max(float(frame.pts * frame.time_base) - start, 0.0)
        if at_s <= last or at_s < from_s - 1e-6:
            continue
        last = at_s
        yield FilmFrame(number, at_s, frame)
        number += 1


def _decoded(container: Any) -> Iterator[Any]:
    """Give what can be decoded; a packet that cannot be is passed over, as players do."""
    import av

    packets = container.demux(container.streams.video[0])
    broken = 0
    while broken < MOST_BROKEN:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            broken += 1

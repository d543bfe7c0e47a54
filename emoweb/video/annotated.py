"""The annotated video: VP8 in WebM, written in parts so that a new worker can continue, joined at the end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from recognition import LiveFace, UInt8Array

MOST_FPS: Final = 10.0
MOST_SIDE: Final = 960
MILLISECOND: Final = Fraction(1, 1000)
# Fast enough beside the recognition, and still clear: about 1 Mbit/s at 640 x 480.
BITS_A_PIXEL: Final = 3
# One thread: more would wait for each other and for the recognition, which has the other core.
_OPTIONS: Final = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "threads": "1"}
# BGR
_INK: Final = (40, 220, 255)
_UNCERTAIN_INK: Final = (190, 190, 190)


class FrameThinner:
    """Chooses the frames that the annotated video keeps: at most MOST_FPS, at their own times."""

    def __init__(self) -> None:
        """The first frame is kept."""
        self._due = 0.0

    def keeps(self, at_s: float) -> bool:
        """Whether the frame at this time is one of them; times rise."""
        # A millisecond of grace: the times of a steady video are rounded.
        if at_s < self._due - 0.001:
            return False
        self._due = max(self._due + 1 / MOST_FPS, at_s + 0.5 / MOST_FPS)
        return True


class PartWriter:
    """Writes one part; it can be played by itself, and `close()` completes it."""

    def __init__(self, path: Path) -> None:
        """Nothing is written before the first frame, whose size is the part's."""
        self._path = path
        self._container: Any = None
        self._stream: Any = None
        self._last_ms = -1

    def write(self, image_bgr: UInt8Array, faces: Sequence[LiveFace], at_s: float) -> None:
        """Draw the faces on a copy of the frame and write it at its time in the video."""
        import av

        at_ms = max(round(at_s * 1000), self._last_ms + 1)
        self._last_ms = at_ms
        picture = drawn(fitted(image_bgr), faces)
        if self._container is None:
            self._open(picture.shape[1], picture.shape[0])
        elif picture.shape[:2] != (self._stream.height, self._stream.width):
            # A video may change its size on the way; the annotated one keeps its own.
            size = (self._stream.width, self._stream.height)
            picture = np.asarray(cv2.resize(picture, size), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = at_ms, MILLISECOND
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what is left; twice is harmless."""
        if self._container is None:
            return
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._container = None

    def _open(self, width: int, height: int) -> None:
        import av

        self._container = av.open(str(self._path), "w", format="webm")
        self._stream = self._container.add_stream("libvpx", rate=int(MOST_FPS), options=_OPTIONS)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.bit_rate = BITS_A_PIXEL * width * height
        self._stream.codec_context.time_base = MILLISECOND


def fitted(image_bgr: UInt8Array) -> UInt8Array:
    """Return the picture with even sides of at most MOST_SIDE."""
    height, width = image_bgr.shape[:2]
    scale = min(1.0, MOST_SIDE / max(height, width))
    size = tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))
    if size == (width, height):
        return image_bgr
    return np.asarray(cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def drawn(image_bgr: UInt8Array, faces: Sequence[LiveFace]) -> UInt8Array:
    """Return the picture with a box around each face, its number, expression and confidence."""
    if not faces:
        return image_bgr
    picture = image_bgr.copy()
    height, width = picture.shape[:2]
    for face in faces:
        left, top = round(face.box.x * width), round(face.box.y * height)
        right, bottom = round((face.box.x + face.box.w) * width), round((face.box.y + face.box.h) * height)
        ink = _UNCERTAIN_INK if face.uncertain else _INK
        cv2.rectangle(picture, (left, top), (right, bottom), ink, 2)
        words = caption(face)
        place = (max(left, 2), top - 6 if top > 20 else min(bottom + 18, height - 4))
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 4, cv2.LINE_AA)
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, ink, 1, cv2.LINE_AA)
    return picture


def caption(face: LiveFace) -> str:
    """Return the text at a face: its number, expression and confidence, or that it is uncertain."""
    return f"{face.id} uncertain" if face.uncertain else f"{face.id} {face.label} {face.confidence:.0%}"


def join(parts: Sequence[Path], into: Path) -> None:
    """Put the parts, in order, into one video without encoding them again. There is at least one part."""
    import av

    unfinished = into.with_suffix(".joining")
    with av.open(str(unfinished), "w", format="webm") as output:
        stream: Any = None
        for part in parts:
            with av.open(str(part), format="matroska") as source:
                track = source.streams.video[0]
                stream = stream or output.add_stream_from_template(track)
                for packet in source.demux(track):
                    if packet.dts is None:
                        continue
                    packet.stream = stream
                    output.mux(packet)
    unfinished.replace(into)

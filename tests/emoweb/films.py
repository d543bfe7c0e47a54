"""Films that the tests make themselves, and what can be wrong with them."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

SIZE = (160, 120)


def write_film(
    path: Path, times_ms: list[int] | None = None, codec: str = "mpeg4", size: tuple[int, int] = SIZE
) -> Path:
    """Write a film whose frames stand at the given times: two seconds of 30 a second by default.

    The left half is bright and the right half dark, so that a turn shows; the brightness rises with time.
    """
    times_ms = times_ms if times_ms is not None else [round(n * 1000 / 30) for n in range(60)]
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=1000)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for at_ms in times_ms:
            picture = np.zeros((height, width, 3), np.uint8)
            picture[:, : width // 2] = 200
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def film_of_picture(
    path: Path, picture: Path, seconds: int, fps: int = 30, size: tuple[int, int] = (640, 480)
) -> Path:
    """Write a film of the part of the picture that holds both faces, and move it a little."""
    whole = cv2.imread(str(picture))
    image = cv2.resize(whole[:, 300:1260], size, interpolation=cv2.INTER_AREA)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    for n in range(seconds * fps):
        writer.write(np.roll(image, n % 20, axis=1))
    writer.release()
    return path


def film_without_frames(path: Path) -> Path:
    """Write a film whose header names a video track that has no frame."""
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, SIZE).release()
    return path


def sound_alone(path: Path) -> Path:
    """Write a WebM with a second of silence and no video track."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="flt", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def turned_by_a_phone(film: bytes, degrees: int = 90) -> bytes:
    """Put a turn to the right into the track's matrix, as phones do with a film held upright."""
    at = film.index(b"tkhd") + 4
    matrix = at + (52 if film[at] == 1 else 40)
    one = 0x10000
    turns = {90: (0, one, 0, -one, 0, 0), 180: (-one, 0, 0, 0, -one, 0)}
    values = struct.pack(">6i", *turns[degrees])
    return film[:matrix] + values + film[matrix + 24 :]

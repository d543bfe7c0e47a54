"""Videos for tests, and the faults that they may have."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.stream import Disposition

SIZE = (160, 120)
# Of these the name alone does not say the muxer.
_MUXERS = {".mpg": "mpeg", ".wmv": "asf", ".m2ts": "mpegts", ".mts": "mpegts"}
_SOUNDS = {
    ".mp4": "aac",
    ".mov": "aac",
    ".flv": "libmp3lame",
    ".wmv": "libmp3lame",
    ".avi": "mp2",
    ".ts": "mp2",
    ".mpg": "mp2",
}


def write_video(
    path: Path, times_ms: list[int] | None = None, codec: str = "mpeg4", size: tuple[int, int] = SIZE
) -> Path:
    """Write a video whose frames stand at the given times: two seconds of 30 a second by default.

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


def video_of_image(
    path: Path, image_file: Path, seconds: int, fps: int = 30, size: tuple[int, int] = (640, 480)
) -> Path:
    """Write a video of the part of the image that shows both faces, and move it a little."""
    complete = cv2.imread(str(image_file))
    image = cv2.resize(complete[:, 300:1260], size, interpolation=cv2.INTER_AREA)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    for n in range(seconds * fps):
        writer.write(np.roll(image, n % 20, axis=1))
    writer.release()
    return path


def video_without_frames(path: Path) -> Path:
    """Write a video whose header names a video track that has no frame."""
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


def turned_by_a_phone(video: bytes, degrees: int = 90) -> bytes:
    """Put a turn to the right into the track's matrix, as phones do with a video held upright."""
    at = video.index(b"tkhd") + 4
    matrix = at + (52 if video[at] == 1 else 40)
    one = 0x10000
    turns = {90: (0, one, 0, -one, 0, 0), 180: (-one, 0, 0, 0, -one, 0)}
    values = struct.pack(">6i", *turns[degrees])
    return video[:matrix] + values + video[matrix + 24 :]


@dataclass(frozen=True, slots=True)
class Oddity:
    """What a video may have besides its images: pixels that are not square, HDR, a second track, sound.

    With `default_track` there are two tracks: the images, and the same upside down. With a transfer function
    there are ten bits a channel. `last_s` is how long the last frame stays.
    """

    pixel_aspect: Fraction | None = None
    transfer: int | None = None
    default_track: int | None = None
    sound_s: int = 0
    start_s: int = 0
    last_s: int = 0


def write_clip(
    path: Path,
    images: Sequence[npt.NDArray[np.uint8]],
    fps: Fraction | int = 25,
    codec: str = "mpeg4",
    **odd: Any,
) -> Path:
    """Write a video of the images at a steady rate, in the container that the name says; see `Oddity`."""
    fps, oddity = Fraction(fps), Oddity(**odd)
    with av.open(str(path), "w", format=_MUXERS.get(path.suffix)) as container:
        tracks = [container.add_stream(codec, rate=fps)]
        if oddity.default_track is not None:
            tracks.append(container.add_stream(codec, rate=fps))
            tracks[oddity.default_track].disposition = Disposition.default
        if oddity.sound_s:
            sound = container.add_stream(_SOUNDS.get(path.suffix, "libopus"), rate=48_000)
        packets = []
        for turn, track in zip((1, -1), tracks, strict=False):
            _set_up(track, fps, images[0].shape[:2], oddity)
            for number, image in enumerate(images):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[::turn]), format="bgr24")
                frame.pts, frame.time_base = round(oddity.start_s * fps) + number, 1 / fps
                packets += track.encode(frame)
            packets += track.encode(None)
        if oddity.last_s:
            packets[-1].duration = round(oddity.last_s / packets[-1].time_base)
        if oddity.sound_s:
            packets += _silence(sound, oddity.sound_s)
        for packet in packets:
            container.mux(packet)
    return path


def _set_up(track: Any, fps: Fraction, shape: tuple[int, ...], oddity: Oddity) -> None:
    track.height, track.width = shape
    track.pix_fmt, track.codec_context.time_base = "yuv420p", 1 / fps
    if oddity.pixel_aspect is not None:
        track.codec_context.sample_aspect_ratio = oddity.pixel_aspect
    if oddity.transfer is not None:
        track.pix_fmt, track.options = "yuv420p10le", {"x265-params": "log-level=none"}
        track.codec_context.color_trc = oddity.transfer
        track.codec_context.color_primaries = track.codec_context.colorspace = 9


def _silence(sound: Any, seconds: int) -> list[Any]:
    packets = []
    for number in range(seconds * 50):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        packets += sound.encode(frame)
    return packets + sound.encode(None)


def halves(left: int = 200, right: int = 0, size: tuple[int, int] = SIZE) -> npt.NDArray[np.uint8]:
    """Return an image whose halves are of two greys."""
    image = np.full((size[1], size[0], 3), right, np.uint8)
    image[:, : size[0] // 2] = left
    return image


def grey_frame(code: int, transfer: int, width: int = 16, height: int = 16) -> av.VideoFrame:
    """Return a decoded frame of one ten-bit grey, of full range."""
    frame = av.VideoFrame.from_ndarray(
        np.full((height, width, 3), round(code * 65535 / 1023), np.uint16), format="rgb48le"
    )
    frame.color_trc = transfer
    return frame


def with_cover(video: Path, path: Path) -> Path:
    """Copy a video behind a cover image, as music shops and phones write it."""
    with av.open(str(video)) as source, av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        track = container.add_stream_from_template(source.streams.video[0])
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="bgr24")
        packets = [*cover.encode(image), *cover.encode(None)]
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = track
                packets.append(packet)
        for packet in packets:
            container.mux(packet)
    return path

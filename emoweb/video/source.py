"""A video's file as frames with the video's own times, upright and in square pixels, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from emoweb.video import hdr
from emoweb.video.refusals import VideoRejected
from recognition import UInt8Array

MOST_PIXELS: Final = 4096 * 2304
# How far the frames may end before the length that the header names.
CUT_SHORT_S: Final = 1.5
# With more broken packets the rest of a file is not read.
MOST_BROKEN: Final = 300
# Pixels are up to so much wider or narrower than high; what a header names beyond that is an error.
MOST_PIXEL_ASPECT: Final = 4
# How long before a moment to look for a key frame: some containers have no index, and seek by time alone.
SEEK_LEADS_S: Final = (0.0, 12.0, 120.0)
HEAD_BYTES: Final = 1024
# What a file of these names holds is accepted; the bytes decide, the names are for a page's file chooser.
SUFFIXES: Final = (
    ".mp4",
    ".webm",
    ".mkv",
    ".mov",
    ".avi",
    ".mpg",
    ".mpeg",
    ".ts",
    ".mts",
    ".m2ts",
    ".wmv",
    ".flv",
)
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
# Packet length and place of the sync byte: broadcast, camcorders (a time stamp before each), with parity.
_TS_PACKETS: Final = ((188, 0), (192, 4), (204, 0))
_TURNS: Final = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One frame: its number from the start, its time in seconds from the first, and its pixels on demand."""

    number: int
    at_s: float
    _frame: Any
    _pixel_aspect: float = 1.0

    @property
    def image_bgr(self) -> UInt8Array:
        """The upright image (h, w, 3) in square pixels and standard dynamic range."""
        size = (round(self._frame.width * self._pixel_aspect), self._frame.height)
        if hdr.is_hdr(self._frame):
            image = hdr.standard_range(self._frame, size)
        else:
            image = self._frame.to_ndarray(format="bgr24", width=size[0], height=size[1])
        turn = _TURNS.get(round(self._frame.rotation / 90) * 90 % 360)
        return image if turn is None else np.asarray(cv2.rotate(image, turn), np.uint8)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the header and the first frame say. Length 0: the header names none."""

    duration_s: float
    width: int
    height: int
    video_tracks: int


def container_format(head: bytes) -> str | None:
    """Return the demuxer for a file's first HEAD_BYTES, None for what is not an accepted video."""
    if len(head) >= 12 and head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
        return "mp4"
    if head[:4] == b"RIFF":
        return "avi" if head[8:12] == b"AVI " else None
    starts = {b"\x1a\x45\xdf\xa3": "matroska", b"\0\0\1\xba": "mpeg", b"FLV\1": "flv", _ASF: "asf"}
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    return "mpegts" if any(_has_sync_bytes(head, *packet) for packet in _TS_PACKETS) else None


def _has_sync_bytes(head: bytes, length: int, place: int) -> bool:
    bytes_at = head[place : place + 4 * length : length]
    return bytes_at == b"G" * 4


@contextmanager
def opened(path: Path) -> Iterator[VideoFile]:
    """Open a video's file; raises VideoRejected where it is not a video or cannot be read."""
    import av

    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise VideoRejected("empty")
    # The demuxer is named: a guessed one could be a playlist, which reads other files.
    kind = container_format(head)
    if kind is None:
        raise VideoRejected("not_a_video")
    try:
        container = av.open(str(path), format=kind)
    except (av.FFmpegError, ValueError) as error:
        raise VideoRejected("damaged") from error
    with container:
        yield VideoFile(container)


def inspect(path: Path) -> VideoFacts:
    """Read the header and the first frame; raises VideoRejected."""
    with opened(path) as video:
        if video.pixels > MOST_PIXELS:
            raise VideoRejected("too_many_pixels")
        first = next(video.frames(), None)
        if first is None:
            raise VideoRejected("no_frames")
        height, width = first.image_bgr.shape[:2]
        return VideoFacts(video.length_s, width, height, video.tracks)


class VideoFile:
    """An open container and its video track: the default one where there are several, never a cover image."""

    def __init__(self, container: Any) -> None:
        """Choose the track; raises VideoRejected where there is none."""
        from av.stream import Disposition

        tracks = [
            track for track in container.streams.video if not track.disposition & Disposition.attached_pic
        ]
        if not tracks:
            raise VideoRejected("no_video")
        by_default = (track for track in tracks if track.disposition & Disposition.default)
        self.tracks = len(tracks)
        # Where the last frame that was read ends.
        self.end_s = 0.0
        self._container = container
        self._track = next(by_default, tracks[0])
        self._track.thread_type = "AUTO"
        self._start_s = self._seconds(self._track.start_time)
        self.length_s = self._length()
        self._packets_end_s = 0.0

    @property
    def pixels(self) -> float:
        """How many square pixels a frame has."""
        size = self._track.codec_context
        return float(size.width * size.height * self._pixel_aspect)

    @property
    def cut_short(self) -> bool:
        """Whether the frames and audio that were read end before the header's duration."""
        # The length that a header names may be that of the sound.
        return 0 < max(self.end_s, self._packets_end_s) < self.length_s - CUT_SHORT_S

    def frames(self, from_s: float = 0.0, number: int = 0) -> Iterator[VideoFrame]:
        """Yield the frames in order from the first at or after `from_s`, which is frame `number`.

        Times come from the video itself and start at 0, so a variable rate is kept. Frames without a time,
        or with one that does not rise, are left out. `end_s` is the end of the last frame so far. Raises
        VideoRejected at a frame that is too large.
        """
        last = -1.0
        aspect = self._pixel_aspect
        for frame in self._decoded_from(from_s) if from_s > 0 else self._decoded():
            at_s = self._at_s(frame)
            if at_s is None or at_s <= last or at_s < from_s - 1e-6:
                continue
            # A size may be missing in the header, and change on the way.
            if frame.width * frame.height * aspect > MOST_PIXELS:
                raise VideoRejected("too_many_pixels")
            # Where the container names no duration the frame stays as long as the one before it.
            self.end_s = at_s + (self._seconds(frame.duration) or max(at_s - max(last, from_s), 0.0))
            last = at_s
            yield VideoFrame(number, at_s, frame, aspect)
            number += 1

    @property
    def _pixel_aspect(self) -> float:
        aspect = self._track.sample_aspect_ratio
        return float(aspect) if aspect and 1 / MOST_PIXEL_ASPECT <= aspect <= MOST_PIXEL_ASPECT else 1.0

    def _length(self) -> float:
        """Return the length that the header names: the track's, else the complete file's, 0 for none."""
        if self._track.duration:
            return self._seconds(self._track.duration)
        track_end_s = _clock(self._track.metadata.get("DURATION", ""))
        return self._without_start(track_end_s or (self._container.duration or 0) / 1_000_000)

    def _without_start(self, end_s: float) -> float:
        """Return the length up to `end_s`: Matroska counts from zero, whenever the first frame stands."""
        counts_from_zero = "matroska" in self._container.format.name
        return end_s - self._start_s if counts_from_zero and end_s > self._start_s else end_s

    def _seconds(self, ticks: int | None) -> float:
        return float(ticks * self._track.time_base) if ticks and self._track.time_base else 0.0

    def _at_s(self, frame: Any) -> float | None:
        if frame.pts is None:
            return None
        return max(float(frame.pts * frame.time_base) - self._start_s, 0.0)

    def _decoded_from(self, from_s: float) -> Iterator[Any]:
        """Yield what is decoded from a key frame at or before a moment on."""
        import av

        # An MPEG program stream has times for some frames only: behind a seek they would be guessed.
        for lead_s in SEEK_LEADS_S if self._container.format.name != "mpeg" else ():
            seek_s = max(from_s - lead_s, 0.0) + self._start_s
            try:
                self._container.seek(int(seek_s / self._track.time_base), stream=self._track, backward=True)
            except av.FFmpegError:
                break
            decoded = self._decoded()
            first = next(decoded, None)
            at_s = self._at_s(first) if first is not None else None
            if at_s is not None and at_s <= from_s + 1e-6:
                yield first
                yield from decoded
                return
        # No key frame was found there: everything before the moment is decoded again.
        with suppress(av.FFmpegError):
            self._container.seek(0, backward=True)
        yield from self._decoded()

    def _decoded(self) -> Iterator[Any]:
        """Yield what can be decoded; a packet that cannot be is passed over, as players do."""
        import av

        packets = self._container.demux(self._track, *self._container.streams.audio)
        broken = 0
        while broken < MOST_BROKEN:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                return
            self._note_end(packet)
            if packet.stream is not self._track:
                continue
            try:
                yield from packet.decode()
            except av.FFmpegError:
                broken += 1

    def _note_end(self, packet: Any) -> None:
        if packet.pts is not None:
            end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base) - self._start_s
            self._packets_end_s = max(self._packets_end_s, end_s)


def _clock(text: str) -> float:
    """Return the seconds of "01:02:03.450", 0 for what is no such time."""
    match = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", text.strip())
    if match is None:
        return 0.0
    hours, minutes, seconds = match.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)

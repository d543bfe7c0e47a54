"""The checks that a frame must pass before it is processed. Pure."""

from __future__ import annotations

from typing import NamedTuple

from emoweb.live.admission import FloodGuard, ReadingGuard
from emoweb.live.protocol import FrameHeader, FrameRefused, parse_frame


class Flooded(Exception):
    """The client sends too much for too long, or does not read what it is sent."""


class Incoming(NamedTuple):
    """A frame with a readable header; `drop` says why it is not analyzed, None if it is."""

    header: FrameHeader
    jpeg: bytes
    drop: str | None


class FrameGate:
    """Checks size, header, order and rate of one socket's frames."""

    def __init__(self) -> None:
        """Start before the first frame."""
        self._flood = FloodGuard()
        self._reading = ReadingGuard()
        self._last_seq = -1

    def admit(self, data: bytes, now: float, *, paused: bool) -> Incoming:
        """Return what to do with a binary message. Raises Flooded, or FrameRefused with its code."""
        within_rate = self._flood.admit(now)
        if self._flood.is_flood(now):
            raise Flooded
        header, jpeg = self._parse(data)
        if self._reading.frame_received(header.answered, now):
            raise Flooded
        if header.seq <= self._last_seq:
            raise FrameRefused("bad_seq", seq=header.seq)
        self._last_seq = header.seq
        return Incoming(header, jpeg, _drop_reason(header, within_rate=within_rate, paused=paused))

    def answer_sent(self, seq: int) -> None:
        """Record that a frame was answered."""
        self._reading.answer_sent(seq)

    def _parse(self, data: bytes) -> tuple[FrameHeader, bytes]:
        try:
            return parse_frame(data)
        except FrameRefused as refused:
            # A frame that is too large has still used its number: the error refers to it.
            if refused.seq is not None:
                self._last_seq = max(self._last_seq, refused.seq)
            raise


def _drop_reason(header: FrameHeader, *, within_rate: bool, paused: bool) -> str | None:
    if not within_rate:
        return "rate"
    if paused:
        return "paused"
    return None if header.side_is_allowed else "bad_image"

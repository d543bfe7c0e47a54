"""The wire format of `emotion.v1`: converts between bytes or JSON and values.

The only Python file that knows the format; `static/js/protocol.js` is its twin. Pure: no socket, no clock.

    ProtocolError             the client broke a rule; carries the documented code
    ├── FrameRefused          a binary message: bad_header, bad_version, bad_seq, too_large
    └── TextRefused           a text message; may carry the code with which the socket is closed
"""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from recognition import LIVE_MAX_SIDE, QUALITIES

SUBPROTOCOL: Final = "emotion.v1"
VERSION: Final = 1

MAX_FRAME_BYTES: Final = 512 * 1024
MAX_TEXT_BYTES: Final = 16 * 1024
MAX_SIDE: Final = LIVE_MAX_SIDE
MAX_FPS: Final = 30
IDLE_S: Final = 60
CREDIT: Final = 2

CLOSED_BY_BYE: Final = 1000
CLOSED_BROKEN: Final = 4400
CLOSED_NOT_ALLOWED: Final = 4401
CLOSED_SILENT: Final = 4408
CLOSED_RESUMED_ELSEWHERE: Final = 4409
CLOSED_FLOOD: Final = 4429
CLOSED_FULL: Final = 4503

# magic, version, flags, seq, captured_ms, width, height, answered
_HEADER: Final = struct.Struct(">2sBBIdHHI")
HEADER_BYTES: Final = 24
_MAGIC: Final = b"EF"

ERROR_CODES: Final = (
    *("bad_json", "unknown_type", "bad_field", "bad_header", "bad_version", "bad_seq", "hello_required"),
    *("consent_required", "unknown_model", "unknown_labels", "too_large", "capacity", "server_error"),
)
DROP_REASONS: Final = ("superseded", "stale", "rate", "paused", "failed", "bad_image")


class ProtocolError(Exception):
    """A protocol violation. `code` is sent to the client; `close_code` ends the socket, if given."""

    def __init__(
        self, code: str, *, seq: int | None = None, field: str | None = None, close_code: int | None = None
    ) -> None:
        """Take the error code, the frame's `seq` if readable, and the invalid `field`, if any."""
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.seq = seq
        self.field = field
        self.close_code = close_code


class FrameRefused(ProtocolError):
    """A binary message that is no usable frame."""


class TextRefused(ProtocolError):
    """A text message that is not understood or not allowed now."""


class FrameHeader(msgspec.Struct, frozen=True):
    """The header of a JPEG frame. `width` and `height` in pixels, `captured_ms` by the client's clock."""

    seq: int
    captured_ms: float
    width: int
    height: int
    answered: int

    @property
    def side_is_allowed(self) -> bool:
        """Whether both sides are between 1 and MAX_SIDE pixels."""
        return 0 < self.width <= MAX_SIDE and 0 < self.height <= MAX_SIDE


class Hello(msgspec.Struct, frozen=True):
    """The visitor gives consent and starts a session, or continues the one that `resume` names."""

    model: str | None = None
    label_set: str | None = None
    quality: str | None = None
    resume: str | None = None
    locale: str | None = None


class ChangeSettings(msgspec.Struct, frozen=True):
    """The visitor requests another model, label set or quality; None leaves it as it is."""

    model: str | None = None
    label_set: str | None = None
    quality: str | None = None


class Pause(msgspec.Struct, frozen=True):
    """No more frames for a while."""


class Unpause(msgspec.Struct, frozen=True):
    """The visitor resumes sending frames."""


class Ping(msgspec.Struct, frozen=True):
    """A request for an echo."""

    t: float


class Bye(msgspec.Struct, frozen=True):
    """The visitor disconnects; the session ends."""


ClientMessage: TypeAlias = Hello | ChangeSettings | Pause | Unpause | Ping | Bye


class Answer(msgspec.Struct, frozen=True, tag_field="type"):
    """Any message from the server."""

    def text(self) -> str:
        """Return the message in wire format."""
        return msgspec.json.encode(self).decode()


class ModelOffer(msgspec.Struct, frozen=True):
    """A model the visitor may choose."""

    name: str
    title: str
    task: str
    label_sets: tuple[str, ...]


class Limits(msgspec.Struct, frozen=True):
    """The server's limits; `max_side` in pixels."""

    max_frame_bytes: int = MAX_FRAME_BYTES
    max_side: int = MAX_SIDE
    max_fps: int = MAX_FPS
    idle_s: int = IDLE_S


class Welcome(Answer, frozen=True, tag="welcome"):
    """The response to a valid `hello`."""

    session: str
    resume: str
    resumed: bool
    consent: str
    device: str
    model: str
    label_set: str
    labels: tuple[str, ...]
    models: tuple[ModelOffer, ...]
    quality: str
    version: int = VERSION
    credit: int = CREDIT
    limits: Limits = Limits()


class FaceResult(msgspec.Struct, frozen=True):
    """One face: `box` is x, y, w, h in fractions of the frame; `probabilities` in the order of `labels`."""

    id: int
    box: tuple[float, float, float, float]
    score: float
    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]


class PictureResult(msgspec.Struct, frozen=True):
    """The result for the frame as a whole; `probabilities` in the order of `labels`."""

    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]


class ResultTiming(msgspec.Struct, frozen=True):
    """Where a frame's time went, in milliseconds from its receipt."""

    queue_ms: float
    decode_ms: float
    detect_ms: float
    classify_ms: float
    total_ms: float


class Result(Answer, frozen=True, tag="result", omit_defaults=True):
    """The faces of one frame or, with a model of complete frames, none, and `picture`."""

    seq: int
    captured_ms: float
    width: int
    height: int
    faces: tuple[FaceResult, ...]
    timing: ResultTiming
    picture: PictureResult | None = None


class Drop(Answer, frozen=True, tag="drop"):
    """A frame that gets no result, and which of DROP_REASONS is why."""

    seq: int
    reason: str


class ErrorAnswer(Answer, frozen=True, tag="error", omit_defaults=True):
    """What the client did wrong, and in `message` what to do about it."""

    code: str
    message: str
    seq: int | None = None


class Hint(Answer, frozen=True, tag="hint"):
    """What to send at most: frames a second, pixels a side, JPEG quality (0..1), unanswered frames."""

    fps: float
    max_side: int
    jpeg_quality: float
    credit: int


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds from a frame's receipt to its result."""

    p50: float
    p95: float


class Stats(Answer, frozen=True, tag="stats"):
    """How the session is going; `frames` are results."""

    fps: float
    latency_ms: Latency
    frames: int
    drops: dict[str, int]
    viewers: int
    device: str


class Paused(Answer, frozen=True, tag="paused"):
    """The response to `pause`."""


class Unpaused(Answer, frozen=True, tag="unpaused"):
    """The response to `unpause`, and the end of a pause that exceeds its limit."""


class Settings(Answer, frozen=True, tag="settings"):
    """The response to `settings`: valid for every later result."""

    session: str
    resume: str
    model: str
    label_set: str
    labels: tuple[str, ...]
    quality: str


class Pong(Answer, frozen=True, tag="pong"):
    """The echo of a ping, and the server's clock."""

    t: float
    server_ms: float


class Goodbye(Answer, frozen=True, tag="bye"):
    """The response to `bye`: the session is written, and available at `history_url` if it has a page."""

    session: str
    history_url: str | None
    reason: str


def parse_frame(data: bytes) -> tuple[FrameHeader, bytes]:
    """Return a binary message's header and JPEG.

    Raises FrameRefused: too_large (with the seq where the header is readable), bad_header, bad_version.
    """
    if len(data) > MAX_FRAME_BYTES:
        raise FrameRefused("too_large", seq=_seq_of(data))
    return _parse_header(data), data[HEADER_BYTES:]


def _parse_header(data: bytes) -> FrameHeader:
    if len(data) < HEADER_BYTES:
        raise FrameRefused("bad_header")
    magic, version, _flags, seq, captured_ms, width, height, answered = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise FrameRefused("bad_header")
    if version != VERSION:
        raise FrameRefused("bad_version")
    if not math.isfinite(captured_ms):
        raise FrameRefused("bad_header")
    return FrameHeader(seq, captured_ms, width, height, answered)


def _seq_of(data: bytes) -> int | None:
    try:
        return _parse_header(data).seq
    except FrameRefused:
        return None


def parse_text(text: str, *, welcomed: bool, consent: str) -> ClientMessage:
    """Parse a text message. `consent` is the version that a hello must contain.

    Raises TextRefused with the documented code, and the close code where the socket must be closed.
    """
    fields = _json_object(text)
    kind = fields.get("type")
    if not welcomed:
        if kind != "hello":
            raise TextRefused("hello_required", close_code=CLOSED_NOT_ALLOWED)
        return _hello(fields, consent)
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise TextRefused("unknown_type", close_code=CLOSED_BROKEN)
    return reader(fields)


def _json_object(text: str) -> Mapping[str, Any]:
    # Checked by length first: an oversized text need not be encoded to be refused.
    if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise TextRefused("bad_json", close_code=CLOSED_BROKEN)
    # The standard reader, not msgspec's: a number like 1e999 has to be refused as a field, not as bad JSON.
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise TextRefused("bad_json", close_code=CLOSED_BROKEN) from None
    if not isinstance(value, dict):
        raise TextRefused("bad_json", close_code=CLOSED_BROKEN)
    return value


def _hello(fields: Mapping[str, Any], consent: str) -> Hello:
    # Consent first: no other error may hide that it is missing.
    if fields.get("consent") != consent:
        raise TextRefused("consent_required", close_code=CLOSED_NOT_ALLOWED)
    if _number(fields, "version") != VERSION:
        raise TextRefused("bad_version", close_code=CLOSED_BROKEN)
    return Hello(
        model=_optional_text(fields, "model"),
        label_set=_optional_text(fields, "label_set"),
        quality=_quality(fields),
        resume=_optional_text(fields, "resume"),
        locale=_optional_text(fields, "locale"),
    )


def _change_settings(fields: Mapping[str, Any]) -> ChangeSettings:
    return ChangeSettings(
        model=_optional_text(fields, "model"),
        label_set=_optional_text(fields, "label_set"),
        quality=_quality(fields),
    )


def _ping(fields: Mapping[str, Any]) -> Ping:
    return Ping(t=_number(fields, "t"))


_READERS: Final[dict[str, Callable[[Mapping[str, Any]], ClientMessage]]] = {
    "settings": _change_settings,
    "pause": lambda _fields: Pause(),
    "unpause": lambda _fields: Unpause(),
    "ping": _ping,
    "bye": lambda _fields: Bye(),
}


def _optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise TextRefused("bad_field", field=name)


def _quality(fields: Mapping[str, Any]) -> str | None:
    value = _optional_text(fields, "quality")
    if value is not None and value not in QUALITIES:
        raise TextRefused("bad_field", field="quality")
    return value


def _number(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TextRefused("bad_field", field=name)
    # Compared, not converted: an integer may be too large for a float. NaN fails every comparison.
    if not -sys.float_info.max <= value <= sys.float_info.max:
        raise TextRefused("bad_field", field=name)
    return value

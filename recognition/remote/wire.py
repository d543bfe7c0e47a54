"""The wire format between a web process and a remote engine: headers, JSON, and their parsers.

A frame is `POST /v1/frame` with the JPEG as body; a still image is `POST /v1/picture` with its pixels, BGR
row by row, since it is already decoded, and encoding it as JPEG again would change the result. `GET
/v1/models` returns the served models. Boxes are in fractions of the image, times in milliseconds.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final

import msgspec
import numpy as np

from recognition.detection.letterbox import STRIDE
from recognition.engine.queue import LiveFrame
from recognition.models.cards import Card
from recognition.options import DETAILS, LIVE_MAX_SIDE, QUALITIES
from recognition.pipeline import ImageRequest
from recognition.served_models import ServedModels
from recognition.types import Box, ClassifiedFace, FrameResult, ImageAnswer, Timing

FRAME, IMAGE, MODELS = "/v1/frame", "/v1/picture", "/v1/models"
# Pixels a side of a still image, and of the detector's input.
MAX_SIDE: Final = 20_000
MAX_IMAGE_SIZE: Final = 2048
MAX_IMAGE_BYTES: Final = 100_000_000
MAX_FRAME_BYTES: Final = 4_000_000


class WireFace(msgspec.Struct, frozen=True):
    """A face: box (x, y, w, h), the detector's score, the network's logits."""

    box: tuple[float, float, float, float]
    score: float
    logits: tuple[float, ...]
    sure: bool = True


class WireResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an engine found in one frame or image; width and height in pixels."""

    width: int
    height: int
    faces: tuple[WireFace, ...]
    timing: Timing
    picture: ImageAnswer | None = None
    detail: str | None = None
    notes: tuple[str, ...] = ()


class WireError(msgspec.Struct, frozen=True):
    """Why there is no answer: a drop's reason, or `bad_request`; `message` is for the log."""

    code: str
    message: str = ""


class WireCard(msgspec.Struct, frozen=True):
    """What a web process reads of a card: whose weights they are, and their SHA-256."""

    name: str
    sha256: str


class WireModels(msgspec.Struct, frozen=True):
    """Who answers: the device, every served model's card, what finding faces costs there."""

    device: str
    models: tuple[WireCard, ...]
    detector_ms: dict[str, float]

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each model's weights by name."""
        return {card.name: card.sha256 for card in self.models}


class RequestRefused(Exception):
    """A request that no engine can answer; the message says which header, or what in the body."""


def cards_of(models: ServedModels) -> tuple[Card, ...]:
    """Return the card of every served model, the detector's first."""
    return (models.detector, *models.catalogue)


def written_models(device: str, cards: Sequence[Card], detector_ms: Mapping[str, float]) -> bytes:
    """Write the served models as JSON, each card complete."""
    return msgspec.json.encode({"device": device, "models": cards, "detector_ms": detector_ms})


def frame_headers(frame: LiveFrame) -> dict[str, str]:
    """The headers that go with a frame's JPEG."""
    return {
        "X-Width": str(frame.width),
        "X-Height": str(frame.height),
        "X-Model": frame.model,
        "X-Quality": frame.quality,
        "X-Viewer": frame.viewer,
        "Content-Type": "image/jpeg",
    }


def image_headers(request: ImageRequest) -> dict[str, str]:
    """The headers that go with an image's pixels."""
    height, width = request.image_bgr.shape[:2]
    return {
        "X-Width": str(width),
        "X-Height": str(height),
        "X-Whole-Width": str(request.width),
        "X-Whole-Height": str(request.height),
        "X-Model": request.model,
        "X-Image-Size": str(request.image_size),
        "X-Min-Score": repr(request.min_score),
        "X-Guided": str(int(request.guided)),
        # An engine that does not know it makes one pass, and its result names no detail.
        **({"X-Detail": request.detail} if request.detail else {}),
        "Content-Type": "application/octet-stream",
    }


def read_frame(headers: Mapping[str, str], body: bytes) -> LiveFrame:
    """Read a frame, received now; raise RequestRefused. Names of headers are looked up in lower case."""
    quality = headers.get("x-quality", "")
    if quality not in QUALITIES:
        raise RequestRefused(f"X-Quality is {quality!r}; send one of {', '.join(QUALITIES)}.")
    viewer = headers.get("x-viewer", "")
    if not viewer:
        raise RequestRefused("X-Viewer is missing; send any word that is the viewer's own.")
    if len(body) > MAX_FRAME_BYTES:
        raise RequestRefused(f"The frame has {len(body)} bytes; send at most {MAX_FRAME_BYTES}.")
    return LiveFrame(
        viewer=viewer,
        jpeg=body,
        width=_whole(headers, "x-width", LIVE_MAX_SIDE),
        height=_whole(headers, "x-height", LIVE_MAX_SIDE),
        model=headers.get("x-model", ""),
        quality=quality,
        received_at=monotonic(),
    )


def read_image(headers: Mapping[str, str], body: bytes) -> ImageRequest:
    """Read a still image; raise RequestRefused."""
    width, height = _whole(headers, "x-width", MAX_SIDE), _whole(headers, "x-height", MAX_SIDE)
    if len(body) != width * height * 3:
        raise RequestRefused(f"The image has {len(body)} bytes; {width} x {height} needs three a pixel.")
    size, detail = _whole(headers, "x-image-size", MAX_IMAGE_SIZE), headers.get("x-detail")
    if size % STRIDE:
        raise RequestRefused(f"x-image-size is {size}; send a multiple of {STRIDE}.")
    if detail is not None and detail not in DETAILS:
        raise RequestRefused(f"x-detail is {detail[:20]!r}; send one of {', '.join(DETAILS)}.")
    return ImageRequest(
        image_bgr=np.frombuffer(body, np.uint8).reshape(height, width, 3),
        model=headers.get("x-model", ""),
        image_size=size,
        min_score=_fraction(headers, "x-min-score"),
        size_wh=(_whole(headers, "x-whole-width", MAX_SIDE), _whole(headers, "x-whole-height", MAX_SIDE)),
        guided=headers.get("x-guided", "0") == "1",
        detail=detail,
    )


def written_result(result: FrameResult) -> bytes:
    """Write a result as JSON."""
    faces = tuple(
        WireFace(
            (face.box.x, face.box.y, face.box.w, face.box.h),
            face.score,
            tuple(face.logits.tolist()),
            face.confident,
        )
        for face in result.faces
    )
    return msgspec.json.encode(
        WireResult(
            *(result.width, result.height, faces, result.timing, result.picture),
            *(result.detail, result.notes),
        )
    )


def read_result(body: bytes) -> FrameResult:
    """Read a result; raise msgspec.DecodeError where it is none."""
    wire = msgspec.json.decode(body, type=WireResult)
    faces = tuple(
        ClassifiedFace(Box(*face.box), face.score, np.array(face.logits, np.float32), face.sure)
        for face in wire.faces
    )
    return FrameResult(wire.width, wire.height, faces, wire.timing, wire.picture, wire.detail, wire.notes)


def read_error(body: bytes) -> WireError:
    """Read why there is no answer; what cannot be read is a failure."""
    try:
        return msgspec.json.decode(body, type=WireError)
    except msgspec.DecodeError:
        return WireError("failed")


def _whole(headers: Mapping[str, str], name: str, most: int) -> int:
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise RequestRefused(f"{name} is {text[:20]!r}; send a whole number from 1 to {most}.")
    return int(text)


def _fraction(headers: Mapping[str, str], name: str) -> float:
    text = headers.get(name, "0")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise RequestRefused(f"{name} is {text[:20]!r}; send a number from 0 to 1.")
    return value

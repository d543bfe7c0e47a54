"""An engine that answers each still picture at once, and the bytes of pictures to give it."""

from __future__ import annotations

import struct
from concurrent.futures import Future

import cv2
import numpy as np

from recognition import FrameResult, ImageAnswer, ImageRequest, RecognitionError, Timing
from tests.emoweb.hand_engine import HandEngine, card, seen

PLACES = ("colosseum", "pantheon", "rialto_bridge")


class ImageEngine(HandEngine):
    """Sees one happy face in every picture, and the Pantheon; `trouble` is what it raises instead."""

    def __init__(self) -> None:
        """Serve two models of expressions and one of places."""
        super().__init__()
        self.catalogue = (*self.models, card("places", PLACES, task="places"))
        self.looked_at: list[ImageRequest] = []
        self.trouble: RecognitionError | None = None
        self.failure: RecognitionError | None = None

    def analyse(self, picture: ImageRequest) -> Future[FrameResult]:
        """Answer at once, as the test has set."""
        if self.trouble is not None:
            raise self.trouble
        self.looked_at.append(picture)
        future: Future[FrameResult] = Future()
        if self.failure is not None:
            future.set_exception(self.failure)
        elif picture.model == "places":
            answer = ImageAnswer("pantheon", 0.7, False, (0.2, 0.7, 0.1))
            future.set_result(FrameResult(picture.width, picture.height, (), Timing(0, 0, 0), answer))
        else:
            future.set_result(seen(width=picture.width, height=picture.height))
        return future


def image_bytes(width: int = 64, height: int = 48, suffix: str = ".jpg") -> bytes:
    """Return a noisy picture of a kind."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(suffix, noise)[1].tobytes()


def turned(jpeg: bytes, orientation: int = 6) -> bytes:
    """Put an EXIF orientation tag behind the start marker."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\0" * 4
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def huge_png(side: int = 20_000) -> bytes:
    """Return a small PNG whose header names a huge picture."""
    png = bytearray(image_bytes(suffix=".png"))
    png[16:24] = struct.pack(">II", side, side)
    return bytes(png)

"""Handles requests for one engine, independent of the server: method and path in, status and body out."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec

from recognition.engine.engine import Engine
from recognition.errors import EngineBusy, FrameDropped, RecognitionError
from recognition.models.cards import Card
from recognition.remote import wire
from recognition.types import FrameResult

# What a drop is in HTTP: the sender's fault, too much at once, or ours.
STATUS = {"bad_image": 400, "superseded": 429, "stale": 429}


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body of JSON."""

    status: int
    body: bytes


class Endpoint:
    """The engine's three addresses. Names of headers come in lower case."""

    def __init__(self, engine: Engine, cards: Sequence[Card]) -> None:
        self._engine, self._cards = engine, cards
        self._models = {card.name for card in engine.catalogue}

    async def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request; never raises."""
        if (method, path) == ("GET", wire.MODELS):
            return self._who()
        if method != "POST" or path not in (wire.FRAME, wire.IMAGE):
            return _error(404, "not_found", f"There is no {method} {path[:100]} here.")
        try:
            result = await asyncio.wrap_future(self._ask(path, headers, body))
        except (wire.RequestRefused, RecognitionError) as refusal:
            return _refusal(refusal)
        return Reply(200, wire.written_result(result))

    def _ask(self, path: str, headers: Mapping[str, str], body: bytes) -> "Future[FrameResult]":
        if headers.get("x-model") not in self._models:
            known = ", ".join(sorted(self._models))
            raise wire.RequestRefused(f"X-Model is {headers.get('x-model')!r}; send one of {known}.")
        if path == wire.FRAME:
            return self._engine.submit(wire.read_frame(headers, body))
        return self._engine.analyse(wire.read_image(headers, body))

    def _who(self) -> Reply:
        engine = self._engine
        who = wire.written_models(engine.device, self._cards, engine.detector_ms)
        # Who is not ready cannot be asked yet, but says who it will be.
        return Reply(503 if engine.state == "starting" else 200, who)


def _refusal(refusal: Exception) -> Reply:
    match refusal:
        case wire.RequestRefused():
            return _error(400, "bad_request", str(refusal))
        case FrameDropped():
            return _error(STATUS.get(refusal.reason, 500), refusal.reason)
        case EngineBusy():
            return _error(429, "busy", str(refusal))
        case _:
            return _error(503, "closed", str(refusal))


def _error(status: int, code: str, message: str = "") -> Reply:
    return Reply(status, msgspec.json.encode(wire.WireError(code, message)))

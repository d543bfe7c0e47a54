"""Analyzes an image's bytes with the live engine's models; returns the object that `predict` prints."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final

from emoweb import engines
from emoweb.images.formats import kinds
from emoweb.images.refusals import MAX_IMAGE_BYTES, ImageRefused
from recognition import (
    DEFAULT_DETAIL,
    STILL_IMAGE_SIZE,
    STILL_MIN_SCORE,
    Card,
    EngineBusy,
    EngineClosed,
    FrameDropped,
    FrameResult,
    ImageFormatUnknown,
    ImageRequest,
    ImageTooLarge,
    ImageUnreadable,
    LabelSetUnknown,
    ModelUnknown,
    StillImage,
    decode_still,
    describe_result,
    find_model,
    image_kind,
    resolve_label_set,
)

# At start the models may still be loading.
ANSWER_S: Final = 30.0
# A decoded image takes up to 150 MB: one is decoded at a time, and a few wait undecoded.
MAX_WAITING: Final = 8
MAX_WAIT_S: Final = 30.0


class LimitReached(Exception):
    """Too many callers are waiting, or the wait timed out."""


class ConcurrencyLimit:
    """Admits one thread, queues a few more, and refuses the rest."""

    def __init__(self, max_waiting: int = MAX_WAITING, max_wait_s: float = MAX_WAIT_S) -> None:
        """Start with no thread admitted."""
        self._max_waiting = max_waiting
        self._max_wait_s = max_wait_s
        self._place = threading.Lock()
        self._counting = threading.Lock()
        self._count = 0

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Hold the only slot during a `with` block; raise LimitReached on timeout."""
        self._arrive()
        try:
            if not self._place.acquire(timeout=self._max_wait_s):
                raise LimitReached
            try:
                yield
            finally:
                self._place.release()
        finally:
            self._leave()

    def _arrive(self) -> None:
        with self._counting:
            if self._count > self._max_waiting:
                raise LimitReached
            self._count += 1

    def _leave(self) -> None:
        with self._counting:
            self._count -= 1


_limit = ConcurrencyLimit()


def analyse(
    data: bytes,
    *,
    model: str | None,
    label_set: str | None,
    name: str | None,
    detail: str = DEFAULT_DETAIL,
) -> dict[str, Any]:
    """Analyze one image and return what `python -m recognition predict --json` prints for it.

    `model` and `label_set` default to the site's own; `name` becomes `file`; `detail` is one of `DETAILS`. It
    blocks until the engine has answered, so call it off the event loop. Raises ImageRefused. Nothing of the
    image is kept.
    """
    engine = engines.current()
    card, chosen = _choice(engine.catalogue, model, label_set)
    _check(data)
    try:
        with _limit.admit():
            # Whole-image models take a small square: a higher resolution would not change their answer.
            still = _decoded(data, detail if card.sees_faces else "fast")
            image = ImageRequest.of_still(still, card.name, STILL_IMAGE_SIZE, STILL_MIN_SCORE, detail)
            result = _answer(engine.analyse(image))
    except (LimitReached, EngineBusy, EngineClosed) as error:
        raise ImageRefused("busy") from error
    return describe_result(name, result, card, chosen, still.notes)


def _choice(catalogue: Sequence[Card], model: str | None, label_set: str | None) -> tuple[Card, str]:
    try:
        card = find_model(catalogue, model)
        return card, resolve_label_set(card, label_set)
    except ModelUnknown as error:
        raise ImageRefused("unknown_model") from error
    except LabelSetUnknown as error:
        raise ImageRefused("unknown_labels") from error


def _check(data: bytes) -> None:
    """Refuse what can be refused without decoding."""
    if not data:
        raise ImageRefused("empty")
    if len(data) > MAX_IMAGE_BYTES:
        raise ImageRefused("too_large")
    if image_kind(data) not in kinds():
        raise ImageRefused("unsupported_type")


def _decoded(data: bytes, detail: str) -> StillImage:
    try:
        return decode_still(data, detail)
    except ImageTooLarge as error:
        raise ImageRefused("too_many_pixels") from error
    except ImageFormatUnknown as error:
        raise ImageRefused("unsupported_type") from error
    except ImageUnreadable as error:
        raise ImageRefused("bad_image") from error


def _answer(future: Future[FrameResult]) -> FrameResult:
    try:
        return future.result(ANSWER_S)
    except TimeoutError as error:
        future.cancel()
        raise ImageRefused("busy") from error
    except FrameDropped as error:
        raise ImageRefused("failed") from error

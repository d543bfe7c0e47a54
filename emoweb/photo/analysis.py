"""From a picture's bytes to the object that `predict` prints, on the models of the live engine."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Final

from emoweb.live import service
from emoweb.photo.formats import kinds
from emoweb.photo.refusals import MAX_PICTURE_BYTES, PictureRefused
from emoweb.photo.turns import NoTurn, Turns
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
    ImageTooLarge,
    ImageUnreadable,
    LabelSetUnknown,
    ModelUnknown,
    Picture,
    StillPicture,
    decode_still,
    describe_picture,
    find_model,
    picture_kind,
    resolve_label_set,
)

# A start may still be loading the models.
ANSWER_S: Final = 30.0

_turns = Turns()


def analyse(
    data: bytes,
    *,
    model: str | None,
    label_set: str | None,
    name: str | None,
    detail: str = DEFAULT_DETAIL,
) -> dict[str, Any]:
    """Analyse one picture and return what `python -m recognition predict --json` prints for it.

    `model` and `label_set` default to the site's own; `name` becomes `file`; `detail` is one of `DETAILS`. It
    blocks until the engine has answered, so call it off the event loop. Raises PictureRefused. Nothing of the
    picture is kept.
    """
    engine = service.current().engine
    card, chosen = _choice(engine.catalogue, model, label_set)
    _check(data)
    try:
        with _turns.take():
            # Models of whole images see a small square: a closer look at the pixels would be lost on them.
            still = _decoded(data, detail if card.sees_faces else "fast")
            picture = Picture.of_still(still, card.name, STILL_IMAGE_SIZE, STILL_MIN_SCORE, detail)
            result = _answer(engine.analyse(picture))
    except (NoTurn, EngineBusy, EngineClosed) as error:
        raise PictureRefused("busy") from error
    return describe_picture(name, result, card, chosen, still.notes)


def _choice(catalogue: Sequence[Card], model: str | None, label_set: str | None) -> tuple[Card, str]:
    try:
        card = find_model(catalogue, model)
        return card, resolve_label_set(card, label_set)
    except ModelUnknown as error:
        raise PictureRefused("unknown_model") from error
    except LabelSetUnknown as error:
        raise PictureRefused("unknown_labels") from error


def _check(data: bytes) -> None:
    """Refuse what needs no turn to be refused."""
    if not data:
        raise PictureRefused("empty")
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureRefused("too_large")
    if picture_kind(data) not in kinds():
        raise PictureRefused("unsupported_type")


def _decoded(data: bytes, detail: str) -> StillPicture:
    try:
        return decode_still(data, detail)
    except ImageTooLarge as error:
        raise PictureRefused("too_many_pixels") from error
    except ImageFormatUnknown as error:
        raise PictureRefused("unsupported_type") from error
    except ImageUnreadable as error:
        raise PictureRefused("bad_image") from error


def _answer(future: Future[FrameResult]) -> FrameResult:
    try:
        return future.result(ANSWER_S)
    except TimeoutError as error:
        future.cancel()
        raise PictureRefused("busy") from error
    except FrameDropped as error:
        raise PictureRefused("failed") from error

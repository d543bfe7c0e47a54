"""The API's endpoints: each checks authentication and the rate limit, then delegates."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Final, Literal

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError

from emoweb import __version__, engines
from emoweb.api import schemas
from emoweb.api.errors import ApiError
from emoweb.api.identity import owner_of_caller
from emoweb.api.parameters import check_parameters
from emoweb.api.pictures import FIELD, FORM, sent_picture
from emoweb.api.rate_limit import RateLimit, SharedRateLimit
from emoweb.errors import WebError, error_response
from emoweb.images.analysis import analyse as analyse_image
from emoweb.images.refusals import ImageRefused
from emoweb.measurements.samples import sample_fields
from emoweb.recordings.exports import session_fields
from emoweb.recordings.models import Session
from emoweb.served_cards import threshold_of
from emoweb.visitors import address_of
from recognition import RecognitionError

SESSIONS_A_PAGE: Final = 100
MOST_SESSIONS_A_PAGE: Final = 500
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_FORM_SCHEMA: Final = {
    "type": "object",
    "required": [FIELD],
    "properties": {FIELD: {"type": "string", "format": "binary"}},
}
_PICTURE_BODY: Final = {
    "required": True,
    "description": (
        "An image: at most 20 MB and 50 megapixels. Its bytes decide the format; "
        "Content-Type only distinguishes a form from a plain body."
    ),
    "content": {FORM: {"schema": _FORM_SCHEMA}, "image/*": _BINARY, "application/octet-stream": _BINARY},
}
# A request with neither gets 401.
_KEY_OR_COOKIE: Final[dict[str, Any]] = {"security": [{"key": []}, {"visitor": []}]}

api = NinjaAPI(
    title="emoweb",
    version=__version__,
    description="Recognizes facial expressions in images, and returns your recorded sessions.",
    docs_url=None,
    urls_namespace="api-v1",
    openapi_extra={
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "visitor": {"type": "apiKey", "in": "cookie", "name": "visitor"},
            }
        }
    },
)
rate_limit = SharedRateLimit(settings.REDIS_URL) if settings.REDIS_URL else RateLimit()


@api.post(
    "analyze",
    response={200: schemas.Analysis, frozenset({400, 401, 413, 415, 429, 500, 503}): schemas.Error},
    openapi_extra={"requestBody": _PICTURE_BODY},
    operation_id="analyze",
    summary="Analyze an image",
)
def analyze(
    request: HttpRequest,
    model: Annotated[str | None, Query(description="a model's name; by default the site's")] = None,
    label_set: Annotated[str | None, Query(description="one of the model's; by default its own")] = None,
    detail: Annotated[
        Literal["auto", "fast", "full"],
        Query(
            description="how closely to search for faces: one pass (fast), every pixel (full), or as needed"
        ),
    ] = "auto",
) -> HttpResponse:
    """Analyze an image. The image is not stored."""
    _admit(request)
    check_parameters(request, "model", "label_set", "detail")
    picture = sent_picture(request)
    return _json(
        analyse_image(picture.data, model=model, label_set=label_set, name=picture.name, detail=detail)
    )


@api.get(
    "models",
    response={200: schemas.Models, frozenset({400, 401, 429, 503}): schemas.Error},
    operation_id="models",
    summary="List models",
)
def models(request: HttpRequest) -> HttpResponse:
    """List the models that `analyze` accepts, with their label sets."""
    _admit(request)
    check_parameters(request)
    try:
        cards = engines.current().catalogue
    except RecognitionError as error:
        raise ImageRefused("busy") from error
    listed = [
        {"name": card.name, "title": card.title, "task": card.task, "label_sets": list(card.label_sets)}
        for card in cards
    ]
    return _json({"models": listed})


@api.get(
    "sessions",
    response={200: schemas.Sessions, frozenset({400, 401}): schemas.Error},
    openapi_extra=_KEY_OR_COOKIE,
    operation_id="sessions",
    summary="List your sessions",
)
def sessions(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=MOST_SESSIONS_A_PAGE)] = SESSIONS_A_PAGE,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> HttpResponse:
    """Return the owner's sessions, newest first."""
    own = _own_sessions(request)
    check_parameters(request, "limit", "offset")
    page = [session_fields(session) for session in own[offset : offset + limit]]
    return _private({"sessions": page, "total": own.count()})


@api.get(
    "sessions/{session_id}",
    response={200: schemas.SessionWithSamples, frozenset({400, 401, 404}): schemas.Error},
    openapi_extra=_KEY_OR_COOKIE,
    operation_id="session",
    summary="Read a session",
)
def session(request: HttpRequest, session_id: str) -> HttpResponse:
    """Return a session with its samples; 404 for other owners' sessions."""
    own = _own_sessions(request)
    check_parameters(request)
    found = own.filter(pk=key).first() if (key := _uuid(session_id)) is not None else None
    if found is None:
        raise ApiError("not_found", _("No session with this ID was found."))
    below = threshold_of(found.model, found.labels)
    samples = [
        msgspec.Raw(msgspec.json.encode(sample_fields(sample, found.labels, below)))
        for sample in found.samples.order_by("second", "face").iterator()
    ]
    return _private({"session": session_fields(found), "samples": samples})


@api.exception_handler(WebError)
def _failed(request: HttpRequest, error: WebError) -> HttpResponse:
    return error.response()


@api.exception_handler(ValidationError)
def _bad_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    name = str(error.errors[0]["loc"][-1])
    message = _("The parameter %(name)s is invalid. See /api/.") % {"name": name}
    return error_response(400, "bad_parameter", message)


def _admit(request: HttpRequest) -> None:
    if settings.ACCOUNTS == "required":
        owner_of_caller(request)
    wait_s = rate_limit.wait_s(address_of(request), settings.API_LIMIT)
    if wait_s:
        message = _("Too many requests from this address. Try again in %(seconds)d s.") % {"seconds": wait_s}
        raise ApiError("rate_limited", message, {"Retry-After": str(wait_s)})


def _own_sessions(request: HttpRequest) -> QuerySet[Session]:
    return Session.objects.filter(owner=owner_of_caller(request))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _json(value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json")


def _private(value: dict[str, Any]) -> HttpResponse:
    response = _json(value)
    response["Cache-Control"] = "no-store, private"
    return response

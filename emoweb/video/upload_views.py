"""The films' page, and the three steps of an upload: announce, parts, complete. Errors are JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from emoweb.history.ownership import private
from emoweb.live.texts import label_set_names
from emoweb.video import source, texts, uploads
from emoweb.video.forms import DEFAULT_STRIDE, STRIDES, FilmForm, PartForm
from emoweb.video.models import UPLOAD_KEPT_FOR, Film
from emoweb.video.ownership import own_film, own_films
from emoweb.video.refusals import FilmRefused
from emoweb.visitors import owner_of_request
from recognition import DEFAULT_QUALITY

View = Callable[..., HttpResponse]


def told_as_json(view: View) -> View:
    """Answer a refusal as `{error: {code, message}}`."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *args, **options)
        except FilmRefused as refusal:
            error = {"error": {"code": refusal.code, "message": refusal.message}}
            return JsonResponse(error, status=refusal.status)

    return answer


@private
@require_safe
def films(request: HttpRequest) -> HttpResponse:
    """The page at `/video/`: give a film, see those given today."""
    models = uploads.catalogue()
    names, offered = label_set_names(), {name for card in models for name in card.label_sets}
    context = {
        "films": own_films(request),
        "states": texts.state_names(),
        "models": models,
        "label_sets": {name: title for name, title in names.items() if name in offered},
        "qualities": texts.quality_names(),
        "default_quality": DEFAULT_QUALITY,
        "strides": STRIDES,
        "default_stride": DEFAULT_STRIDE,
        "accept": ",".join(("video/*", *source.SUFFIXES)),
        "max_mb": settings.VIDEO_MAX_MB,
        "max_minutes": settings.VIDEO_MAX_MINUTES,
        "upload_minutes": UPLOAD_KEPT_FOR // timedelta(minutes=1),
        "texts": texts.script_texts(),
    }
    return render(request, "video/films.html", context)


@require_POST
@told_as_json
def announce(request: HttpRequest) -> HttpResponse:
    """Make room for a film: `size`, `name`, `model`, `label_set`, `quality`, `stride` -> where to send it."""
    form = FilmForm(request.POST)
    if not form.is_valid():
        raise FilmRefused("bad_wish")
    film = uploads.announce(owner_of_request(request), form.cleaned_data)
    return JsonResponse(_upload_fields(film), status=201)


@private
@require_safe
@told_as_json
def upload(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """Return where an upload that was interrupted continues."""
    film = own_film(request, film_id)
    if film.state == Film.State.CANCELLED:
        raise FilmRefused("bad_part")
    return JsonResponse(_upload_fields(film))


def _upload_fields(film: Film) -> dict[str, object]:
    return {
        "id": str(film.pk),
        "part": reverse("video:part", args=[film.pk]),
        "complete": reverse("video:complete", args=[film.pk]),
        "part_bytes": uploads.PART_BYTES,
        "upload": reverse("video:upload", args=[film.pk]),
        "size": film.size,
        "received": film.received,
    }


@require_POST
@told_as_json
def part(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """Take the part that is the request's body; `?offset=`."""
    film = own_film(request, film_id)
    form = PartForm(request.GET)
    if not form.is_valid():
        raise FilmRefused("bad_part")
    data = request.read(uploads.PART_BYTES + 1)
    return JsonResponse({"received": uploads.append(film, form.cleaned_data["offset"], data)})


@require_POST
@told_as_json
def complete(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """Look at the whole film and let it wait for a worker -> its page."""
    film = own_film(request, film_id)
    uploads.complete(film)
    return JsonResponse({"url": film.get_absolute_url()})

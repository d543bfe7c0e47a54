"""The pictures' page, and the answer to each picture that its script sends."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from emoweb.live import service
from emoweb.photo.analysis import analyse
from emoweb.photo.formats import accepted, names
from emoweb.photo.forms import AnalysisOptionsForm
from emoweb.photo.places import places_in
from emoweb.photo.refusals import MAX_PICTURE_BYTES, PictureRefused
from emoweb.photo.texts import offers, script_texts
from recognition import DEFAULT_DETAIL, Card, RecognitionError

logger = logging.getLogger(__name__)

# A picture and what it shows are the visitor's alone.
private = cache_control(no_store=True, private=True)


@require_safe
def photo(request: HttpRequest) -> HttpResponse:
    """The page at `/photo/`: give pictures, choose what to recognise, see and take the answers."""
    cards = _catalogue()
    context = {
        "offers": offers(cards),
        "accepted": accepted(),
        "formats": names(),
        "site": {
            "models": [
                {
                    "name": card.name,
                    "task": card.task,
                    "finds_faces": card.sees_faces,
                    "label_sets": card.label_sets,
                    "uncertain": {name: card.head_of(name).uncertain_below for name in card.label_sets},
                }
                for card in cards
            ],
            "max_bytes": MAX_PICTURE_BYTES,
            "places": places_in(getattr(request, "LANGUAGE_CODE", "en")),
        },
        "texts": script_texts(),
    }
    return render(request, "photo/photo.html", context)


@private
@require_POST
def analyse_picture(request: HttpRequest) -> JsonResponse:
    """Analyse the picture that is the request's body; `?model=&label_set=&name=`. Errors are JSON too."""
    options = AnalysisOptionsForm(request.GET)
    options.is_valid()  # a name that is too long is left out, and the picture is analysed all the same
    try:
        # One byte over the limit shows that there is more, without reading it.
        answer = analyse(
            request.read(MAX_PICTURE_BYTES + 1),
            model=options.cleaned_data.get("model"),
            label_set=options.cleaned_data.get("label_set"),
            name=options.cleaned_data.get("name"),
            detail=options.cleaned_data.get("detail") or DEFAULT_DETAIL,
        )
    except PictureRefused as refusal:
        error = {"error": {"code": refusal.code, "message": refusal.message}}
        return JsonResponse(error, status=refusal.status)
    return JsonResponse(answer)


def _catalogue() -> tuple[Card, ...]:
    try:
        return service.current().engine.catalogue
    except RecognitionError as error:
        # The operator reads this; a visitor learns only that there is nothing to choose.
        logger.warning("The pictures' page has no models: %s", error)
        return ()

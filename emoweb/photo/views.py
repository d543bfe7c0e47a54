"""The image page, and the analysis of each image that its script sends."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from emoweb import engines
from emoweb.errors import json_errors
from emoweb.images.analysis import analyse
from emoweb.images.formats import accepted, names
from emoweb.images.refusals import MAX_IMAGE_BYTES
from emoweb.photo.forms import AnalysisOptionsForm
from emoweb.photo.texts import offers, script_texts
from emoweb.places import places_in
from emoweb.visitors import private
from recognition import DEFAULT_DETAIL, DEFAULT_TASK


@require_safe
def photo(request: HttpRequest) -> HttpResponse:
    """The page at `/photo/`: upload images, choose a model, view and download the results."""
    cards = engines.catalogue()
    context = {
        "default_task": DEFAULT_TASK.name,
        "offers": offers(cards),
        "accepted": accepted(),
        "formats": names(),
        "site": {
            "models": [
                {
                    "name": card.name,
                    "task": card.task,
                    "label_sets": card.label_sets,
                    "uncertain": {name: card.head_of(name).uncertain_below for name in card.label_sets},
                }
                for card in cards
            ],
            "max_bytes": MAX_IMAGE_BYTES,
            "places": places_in(getattr(request, "LANGUAGE_CODE", "en")),
        },
        "texts": script_texts(),
    }
    return render(request, "photo/photo.html", context)


@private
@require_POST
@json_errors
def analyse_image(request: HttpRequest) -> JsonResponse:
    """Analyze the image that is the request's body; `?model=&label_set=&name=`. Errors are JSON too."""
    options = AnalysisOptionsForm(request.GET)
    options.is_valid()  # a name that is too long is ignored; the image is analyzed nevertheless
    # One byte over the limit shows that the body is too large, without reading all of it.
    answer = analyse(
        request.read(MAX_IMAGE_BYTES + 1),
        model=options.cleaned_data.get("model"),
        label_set=options.cleaned_data.get("label_set"),
        name=options.cleaned_data.get("name"),
        detail=options.cleaned_data.get("detail") or DEFAULT_DETAIL,
    )
    return JsonResponse(answer)

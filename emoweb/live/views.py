"""The live page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from emoweb.live import service
from emoweb.live.texts import quality_costs, quality_names, script_texts
from recognition import GUIDE_SHARE, GUIDED_TASKS, RecognitionError


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The page at `/`: consent, camera, faces and chart. What it says later is in `script_texts`."""
    return render(
        request,
        "live/live.html",
        {
            "texts": script_texts(),
            "quality_names": quality_names(),
            "quality_costs": quality_costs(_detector_ms()),
            "uncertain_below": _uncertain_below(),
            "guide": {"share": GUIDE_SHARE, "tasks": sorted(GUIDED_TASKS)},
        },
    )


def _uncertain_below() -> float | None:
    """Return the default model's threshold; None where it has none, or cannot be opened."""
    try:
        return service.current().engine.models[0].heads[0].uncertain
    except (RecognitionError, IndexError):
        return None


def _detector_ms() -> dict[str, float]:
    """What each quality costs here; the page stands without it where the models cannot be opened."""
    try:
        return service.current().engine.detector_ms
    except RecognitionError:
        return {}

"""The live page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from emoweb.live import service
from emoweb.live.choice import live_models
from emoweb.live.texts import detection_times, quality_names, script_texts
from recognition import DEFAULT_TASK, GUIDE_SHARE, RIGHT_SHARE, TASKS, Engine, RecognitionError


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The page at `/`: consent, camera, faces and chart. Its scripts get their texts from `script_texts`."""
    engine = _engine()
    cards = live_models(engine) if engine else ()
    faces = [card for card in cards if card.sees_faces]
    whole = [card for card in cards if not card.sees_faces]
    return render(
        request,
        "live/live.html",
        {
            "texts": script_texts(),
            "quality_names": quality_names(),
            "detection_times": detection_times(engine.detector_ms if engine else {}),
            "uncertain": {
                "thresholds": {card.name: card.uncertain for card in faces},
                "right": RIGHT_SHARE,
                "needed": {card.name: card.heads[0].uncertain_below for card in whole},
            },
            "guide": {"share": GUIDE_SHARE},
            "default_task": DEFAULT_TASK.name,
            "first_labels": next(iter(DEFAULT_TASK.label_sets.values())).labels,
            "hints": {name: _(task.hint) for name, task in TASKS.items() if task.hint},
        },
    )


def _engine() -> Engine | None:
    """Return this process's engine; None if the models cannot be opened: the page works without it."""
    try:
        return service.current().engine
    except RecognitionError:
        return None

"""The live page, and the state of the live service for monitoring."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from emoweb import engines
from emoweb.live import service
from emoweb.live.monitoring import CONTENT_TYPE
from emoweb.live.session.choice import live_models
from emoweb.live.texts import detection_times, script_texts
from emoweb.texts import quality_names
from recognition import DEFAULT_TASK, GUIDE_SHARE, RIGHT_SHARE, TASKS, Engine, RecognitionError

LOOPBACK = frozenset({"127.0.0.1", "::1"})


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


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Print the service's state: 503 while the models are loading, else 200."""
    status = service.current().status()
    response = JsonResponse(status.health(), status=503 if status.state == "starting" else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics for a monitoring system; 403 without permission."""
    if not _may_monitor(request):
        raise PermissionDenied
    running = service.current()
    response = HttpResponse(running.metrics.text(running.status()), content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def _may_monitor(request: HttpRequest) -> bool:
    """With METRICS_TOKEN, allow requests with it; without, only this machine, not through a proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.META.get("REMOTE_ADDR") in LOOPBACK


def _engine() -> Engine | None:
    """Return this process's engine; None if the models cannot be opened: the page works without it."""
    try:
        return engines.current()
    except RecognitionError:
        return None

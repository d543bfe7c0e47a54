"""Privacy, models and health."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from emoweb import features, owned_data
from emoweb.live import service
from emoweb.live.metrics import CONTENT_TYPE
from emoweb.pages.model_cards import ShownCard, shown_cards
from emoweb.variables import FEATURE_NAMES
from recognition import WeightsError, default_weights_folder

LOOPBACK = frozenset({"127.0.0.1", "::1"})
logger = logging.getLogger(__name__)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is processed, what is stored, and how to delete it."""
    context = {
        "history_days": settings.HISTORY_DAYS,
        # What a disabled feature has stored is kept too.
        "kept_features": features.enabled_features() | _features_with_data(),
    }
    return render(request, "pages/privacy.html", context)


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Show each model's card: what it does, how well, on which data, and where it fails."""
    return render(request, "pages/models.html", {"cards": _cards(), "repository": settings.SOURCE_URL})


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


def _features_with_data() -> frozenset[str]:
    try:
        return owned_data.features_with_data()
    except DatabaseError as error:
        # The page must not depend on the database: it then lists everything that may be stored.
        logger.warning("The privacy page cannot read what is stored: %s", error)
        return frozenset(FEATURE_NAMES)


def _cards() -> list[ShownCard]:
    try:
        return shown_cards(default_weights_folder())
    except WeightsError as error:
        # The operator sees the reason in the log; a visitor only sees that no models are available.
        logger.warning("The model cards cannot be shown: %s", error)
        return []

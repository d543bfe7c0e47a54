"""The privacy and the models page."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from emoweb import features, owned_data
from emoweb.pages.model_cards import ShownCard, shown_cards
from emoweb.variables import FEATURE_APPS
from recognition import WeightsError, default_weights_folder

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


def _features_with_data() -> frozenset[str]:
    try:
        return owned_data.features_with_data()
    except DatabaseError as error:
        # The page must not depend on the database: it then lists everything that may be stored.
        logger.warning("The privacy page cannot read what is stored: %s", error)
        return frozenset(FEATURE_APPS)


def _cards() -> list[ShownCard]:
    try:
        return shown_cards(default_weights_folder())
    except WeightsError as error:
        # The operator sees the reason in the log; a visitor only sees that no models are available.
        logger.warning("The model cards cannot be shown: %s", error)
        return []

"""Privacy, models and health."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from emoweb.live import service


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is processed, what is kept and how to delete it."""
    return render(request, "pages/privacy.html")


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Show the models' cards."""
    return render(request, "pages/models.html")


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Print the service's state: 503 while the models are loading, else 200."""
    state = service.current().health()
    response = JsonResponse(state, status=503 if state["status"] == "starting" else 200)
    response["Cache-Control"] = "no-store"
    return response

"""Error pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 403."""
    return render(request, "pages/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a form whose token is missing or expired."""
    return render(request, "pages/csrf_failure.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404."""
    return render(request, "pages/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 with a page that needs neither the database nor the base template."""
    return render(request, "pages/500.html", status=500)

"""The history's pages: a visitor sees, exports and deletes their own sessions, and nobody else's."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse


def history(request: HttpRequest) -> HttpResponse:
    """Show the visitor's sessions."""
    raise Http404


def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show one session."""
    raise Http404


def rename(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Give a session a title."""
    raise Http404


def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Delete a session."""
    raise Http404


def delete_everything(request: HttpRequest) -> HttpResponse:
    """Delete all of the visitor's sessions."""
    raise Http404


def export_csv(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Stream a session's samples as CSV."""
    raise Http404


def export_json(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Stream a session as JSON."""
    raise Http404

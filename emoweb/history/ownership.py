"""Limits access to a visitor's own sessions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from emoweb.recordings.models import Session
from emoweb.visitors import owner_of_request


def own_sessions(request: HttpRequest) -> QuerySet[Session]:
    """Return the visitor's sessions."""
    return Session.objects.filter(owner=owner_of_request(request))


def own_session(request: HttpRequest, session_id: UUID) -> Session:
    """Return the visitor's session; raise Http404 where they have none of that id."""
    # 404 and not 403: another visitor does not even learn that the session exists.
    return get_object_or_404(own_sessions(request), pk=session_id)

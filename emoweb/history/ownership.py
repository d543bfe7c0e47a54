"""Limits access to a visitor's own sessions, and keeps responses out of caches."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from emoweb.history.models import Session
from emoweb.history.signals import sessions_deleted
from emoweb.visitors import owner_of_request

# Other people may use this browser later: its cache must not store the visitor's data.
private = cache_control(no_store=True, private=True)


def own_sessions(request: HttpRequest) -> QuerySet[Session]:
    """Return the visitor's sessions."""
    return Session.objects.filter(owner=owner_of_request(request))


def own_session(request: HttpRequest, session_id: UUID) -> Session:
    """Return the visitor's session; raise Http404 where they have none of that id."""
    # 404 and not 403: another visitor does not even learn that the session exists.
    return get_object_or_404(own_sessions(request), pk=session_id)


def delete_sessions(sessions: QuerySet[Session]) -> int:
    """Delete sessions with all their data, and return how many; running ones end first."""
    sessions_deleted.send(sender=Session, sessions=list(sessions.values_list("pk", flat=True)))
    _rows, deleted = sessions.delete()
    return deleted.get(Session._meta.label, 0)

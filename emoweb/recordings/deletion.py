"""The deletion of recorded sessions; a signal ends those that are running."""

from __future__ import annotations

from django.db.models import QuerySet
from django.dispatch import Signal

from emoweb.recordings.models import Session

# A visitor is deleting sessions; `sessions`: their ids, a list of UUID. Sent before the rows go.
sessions_deleted = Signal()


def delete_sessions(sessions: QuerySet[Session]) -> int:
    """Delete sessions with all their data, and return how many; running ones end first."""
    sessions_deleted.send(sender=Session, sessions=list(sessions.values_list("pk", flat=True)))
    _rows, deleted = sessions.delete()
    return deleted.get(Session._meta.label, 0)

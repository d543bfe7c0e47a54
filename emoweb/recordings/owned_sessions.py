"""Sessions as data of their owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import ngettext

from emoweb.owned_data import OwnedData
from emoweb.recordings.deletion import delete_sessions
from emoweb.recordings.exports import json_chunks
from emoweb.recordings.models import Session


class OwnedSessions(OwnedData):
    """Live sessions with their samples, markers and merges."""

    name = "sessions"
    feature = "history"
    model = Session

    def described(self, count: int) -> str:
        """Return a number of sessions in words."""
        return ngettext("%(count)d session", "%(count)d sessions", count) % {"count": count}

    def json_chunks(self, row: Session) -> AsyncIterator[str]:
        """Yield a session as its export has it."""
        return json_chunks(row)

    def delete(self, rows: QuerySet[Any]) -> int:
        """Delete sessions; those that are running end."""
        return delete_sessions(rows)

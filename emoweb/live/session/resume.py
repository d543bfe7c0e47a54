"""The signed token that continues a session; it names the session and its owner."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from emoweb.recordings.models import ABANDONED_AFTER
from emoweb.recordings.models import Session as SessionRow

# The former name of this module: tokens are signed with it.
_SALT: Final = "emoweb.live.resume"
# A killed server may have shown ids in the two seconds that it did not write: they are skipped.
_UNWRITTEN_FACES: Final = 10


@dataclass(frozen=True, slots=True)
class Remembered:
    """A session in the database: it started `age_s` ago; ids up to `last_face` are used."""

    id: UUID
    model: str
    label_set: str
    age_s: float
    last_face: int
    frames: int
    drops: dict[str, int]


def issue_token(session: UUID, owner: str) -> str:
    """Return the token of a session."""
    return signing.dumps([session.hex, owner], salt=_SALT)


def session_of_token(token: str, owner: str) -> UUID | None:
    """Return the session a token names; None if its signature is invalid or the owner differs."""
    try:
        session, signed_owner = signing.loads(token, salt=_SALT)
        # ValueError: no UUID, not two parts, or characters that cannot be encoded.
        return UUID(session) if signed_owner == owner else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


async def remembered(session: UUID, owner: str) -> Remembered | None:
    """Query the database, off the event loop, for a session that can still be resumed."""
    return await asyncio.to_thread(_read, session, owner)


def _read(session: UUID, owner: str) -> Remembered | None:
    # A thread of the pool: its connection is closed again, or it would stay open as long as the thread.
    try:
        return _row(session, owner)
    except DatabaseError:
        return None
    finally:
        connection.close()


def _row(session: UUID, owner: str) -> Remembered | None:
    now = timezone.now()
    row = SessionRow.objects.filter(
        pk=session, owner=owner, ended=None, last_seen__gte=now - ABANDONED_AFTER
    ).first()
    if row is None:
        return None
    last_face = row.samples.aggregate(last=Max("face"))["last"]
    return Remembered(
        id=row.id,
        model=row.model,
        label_set=row.label_set,
        age_s=(now - row.started).total_seconds(),
        last_face=(last_face or 0) + _UNWRITTEN_FACES,
        frames=row.frames,
        drops=dict(row.drops),
    )

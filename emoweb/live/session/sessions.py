"""The sessions in this process: open ones, and those that lost their socket recently. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from emoweb.live.session.choice import Choice
from recognition import LiveSession

RESUMABLE_S: Final = 60.0
# An ended session is remembered until its row in the database is known to be updated.
REMEMBER_ENDED_S: Final = 2 * RESUMABLE_S


class Holder(Protocol):
    """The viewer that shows a session."""

    @property
    def id(self) -> str:
        """Name of its place."""
        ...

    async def resumed_elsewhere(self) -> None:
        """Release the session: another socket has taken it over, with its place."""
        ...

    async def history_deleted(self) -> None:
        """End: the visitor has deleted what was recorded."""
        ...


@dataclass(slots=True, eq=False)
class Session:
    """One visitor's session: its tracks outlive a lost socket by a minute.

    `started_at` in seconds of this process's steady clock, before its start for a session from the database;
    `first_face` is added to the face ids, so that none is reused after a restart.
    """

    id: UUID
    owner: str
    choice: Choice
    people: LiveSession
    started_at: float
    first_face: int = 0
    frames: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    holder: Holder | None = None
    lost_at: float | None = None


class Sessions:
    """Finds a session for its token."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[UUID, Session] = {}
        self._ended: dict[UUID, float] = {}

    def add(self, session: Session, holder: Holder) -> None:
        """Know a session, shown by `holder`; taking one over from a lost socket is the same."""
        session.holder = holder
        session.lost_at = None
        self._known[session.id] = session

    def find(self, session: UUID, owner: str, now: float) -> Session | None:
        """Return a session that its owner may go on with."""
        self._forget_old(now)
        known = self._known.get(session)
        return known if known is not None and known.owner == owner else None

    def known(self, session: UUID) -> Session | None:
        """Return a session of any owner, None if it is not in this process."""
        return self._known.get(session)

    def forget(self, session: Session) -> None:
        """Forget the session; it has not ended, and may continue in another process."""
        self._known.pop(session.id, None)

    def has_ended(self, session: UUID) -> bool:
        """Whether a session ended here by `bye` or a change of model."""
        return session in self._ended

    def lose(self, session: Session, holder: Holder, now: float) -> bool:
        """Record that the holder's socket is lost; return False if another one already has the session."""
        if session.holder is not holder:
            return False
        session.holder = None
        session.lost_at = now
        self._forget_old(now)
        return True

    def end(self, session: Session, now: float) -> None:
        """Remove a session permanently: its token becomes invalid."""
        self._known.pop(session.id, None)
        self._ended[session.id] = now
        self._forget_old(now)

    def _forget_old(self, now: float) -> None:
        self._known = {
            key: session
            for key, session in self._known.items()
            if session.lost_at is None or now - session.lost_at <= RESUMABLE_S
        }
        self._ended = {key: at for key, at in self._ended.items() if now - at <= REMEMBER_ENDED_S}

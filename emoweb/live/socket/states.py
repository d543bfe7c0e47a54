"""The states of a viewer's connection, as values.

Each contains only the data that exists in it; times are in seconds of the service's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, get_args

from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Session


@dataclass(frozen=True, slots=True)
class AwaitingHello:
    """The socket is open; without a hello it is closed at `deadline`."""

    deadline: float


@dataclass(frozen=True, slots=True)
class Greeting:
    """A hello is being checked: its choice, and the session that it may resume."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The viewer has a place and waits for the models; `resumed` is the session to resume, if any."""

    choice: Choice
    resumed: Session | None


@dataclass(frozen=True, slots=True)
class Opening:
    """The new session's row is being written."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class Live:
    """Frames are analyzed. `choice` applies to frames received from now on.

    Until a change of settings is answered, `session` still has the choice before it.
    """

    session: Session
    choice: Choice
    idle_deadline: float
    touch_due: float
    stats_due: float


@dataclass(frozen=True, slots=True)
class Paused:
    """Frames are dropped; at `deadline` the pause ends by itself."""

    session: Session
    choice: Choice
    deadline: float
    touch_due: float
    stats_due: float


@dataclass(frozen=True, slots=True)
class Leaving:
    """The client said goodbye: what was received before is answered, then the session ends."""

    session: Session
    deadline: float


@dataclass(frozen=True, slots=True)
class Refusing:
    """The client broke a rule: what was received before is answered, then the socket is closed.

    This does not end `session` (None before a welcome), which may be resumed.
    """

    session: Session | None
    deadline: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is closed: nothing is kept, nothing is sent."""


State: TypeAlias = AwaitingHello | Greeting | Admitted | Opening | Live | Paused | Leaving | Refusing | Closed
STATES: tuple[type[State], ...] = get_args(State)

"""What a viewer does as the result of a transition. Effects are carried out in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from emoweb.live.protocol import Answer, Hello
from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Holder, Session
from emoweb.live.socket.events import Event


@dataclass(frozen=True, slots=True)
class Send:
    """Send an answer now."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class SendError:
    """Send an error with its sentence in the visitor's language."""

    code: str
    field: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class SendTurnedAway:
    """Send `error capacity`; `sentence` says why there is no capacity."""

    sentence: str


@dataclass(frozen=True, slots=True)
class SendPong:
    """Echo `t` with the server's time."""

    t: float


@dataclass(frozen=True, slots=True)
class SendWelcome:
    """Send the session, its token and everything that can be chosen."""

    session: Session
    choice: Choice
    resumed: bool


@dataclass(frozen=True, slots=True)
class SendSettings:
    """Send the settings that apply from now on."""

    session: Session


@dataclass(frozen=True, slots=True)
class SendGoodbye:
    """Send `bye`; `reason` is `bye` or `deleted`."""

    session: Session
    reason: str


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Process `event` when everything received before it is answered."""

    event: Event


@dataclass(frozen=True, slots=True)
class Finish:
    """Process `Finished` now."""

    close_code: int


@dataclass(frozen=True, slots=True)
class CheckHello:
    """Resolve what a hello requests: HelloAccepted or HelloRefused follows."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class TakePlace:
    """Take a place, or that of the session's current holder: PlaceGranted or PlaceDenied follows."""

    choice: Choice
    resumed: Session | None


@dataclass(frozen=True, slots=True)
class CloseHolder:
    """Close the connection that the session was taken over from."""

    holder: Holder


@dataclass(frozen=True, slots=True)
class AwaitEngine:
    """Wait for the models: EngineReady or EngineUnavailable follows."""


@dataclass(frozen=True, slots=True)
class CreateSession:
    """Create a session and write its row: SessionCreated, then SessionWritten follow."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class ResumeSession:
    """Resume a session with the given choice."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Use another choice for a session from now on."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session permanently; its token is no longer valid."""

    session: Session


@dataclass(frozen=True, slots=True)
class AwaitEnd:
    """End a session and wait, for a limited time, until all of its data is written."""

    session: Session


@dataclass(frozen=True, slots=True)
class DetachSession:
    """Keep a session for a minute so that it can be resumed."""

    session: Session


@dataclass(frozen=True, slots=True)
class TakeFrame:
    """Check a frame and pass it to the engine, or answer why it is refused."""

    data: bytes
    choice: Choice
    paused: bool
    now: float


@dataclass(frozen=True, slots=True)
class DiscardFrames:
    """Drop the frame that is waiting for the engine, if any; it is answered with `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class TouchSession:
    """Record that the client is active."""

    session: Session


@dataclass(frozen=True, slots=True)
class SendStats:
    """Send `stats`, and a `hint` where the load asks for one."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class ReleasePlace:
    """Free the viewer's place."""


@dataclass(frozen=True, slots=True)
class StopTasks:
    """Send no further answers, and stop the timer."""


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close the socket."""

    code: int


Effect: TypeAlias = (
    Send
    | SendError
    | SendTurnedAway
    | SendPong
    | SendWelcome
    | SendSettings
    | SendGoodbye
    | Enqueue
    | Finish
    | CheckHello
    | TakePlace
    | CloseHolder
    | AwaitEngine
    | CreateSession
    | ResumeSession
    | ChangeView
    | EndSession
    | AwaitEnd
    | DetachSession
    | TakeFrame
    | DiscardFrames
    | TouchSession
    | SendStats
    | ReleasePlace
    | StopTasks
    | CloseSocket
)

"""The states of a viewer's connection, the events, and the resulting effects: values only.

Each state contains only the data that exists in it; times are in seconds of the service's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, get_args

from emoweb.live.choice import Choice
from emoweb.live.protocol import Answer, Hello
from emoweb.live.sessions import Holder, Session

# States


@dataclass(frozen=True, slots=True)
class AwaitingHello:
    """The socket is open; without a hello it is closed at `deadline`."""

    deadline: float


@dataclass(frozen=True, slots=True)
class Greeting:
    """A hello is being checked: its choice, and the session that it may resume."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The viewer has a place and waits for the models; `resumed` is the session to go on with, if any."""

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

    `session` (None before a welcome) does not end by this: it may be resumed.
    """

    session: Session | None
    deadline: float


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing is held, nothing is sent."""


State: TypeAlias = AwaitingHello | Greeting | Admitted | Opening | Live | Paused | Leaving | Refusing | Closed
STATES: tuple[type[State], ...] = get_args(State)


# Events. Those named `...Due` happen when the answers to everything received before are given.


@dataclass(frozen=True, slots=True)
class HelloReceived:
    """A well-formed hello."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class HelloDue:
    """It is the hello's turn."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class HelloAccepted:
    """The hello can be granted."""

    choice: Choice
    resumed: Session | None


@dataclass(frozen=True, slots=True)
class HelloRefused:
    """The hello names a model or labels that are not served."""

    code: str
    field: str | None
    now: float


@dataclass(frozen=True, slots=True)
class PlaceGranted:
    """There is a place for the viewer; `holder` is who showed the resumed session until now."""

    choice: Choice
    resumed: Session | None
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class PlaceDenied:
    """All places are taken."""


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The models are loaded."""

    now: float


@dataclass(frozen=True, slots=True)
class EngineUnavailable:
    """The models were not loaded in time."""


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """A new session exists in this process; its row is being written."""

    session: Session


@dataclass(frozen=True, slots=True)
class SessionWritten:
    """The new session's row is in the database, or the database is too slow to wait for it."""

    now: float


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A binary message."""

    data: bytes
    now: float


@dataclass(frozen=True, slots=True)
class SettingsReceived:
    """A change of settings that is possible."""

    choice: Choice
    now: float


@dataclass(frozen=True, slots=True)
class SettingsDue:
    """It is the change's turn."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class PauseReceived:
    """The client pauses."""

    now: float


@dataclass(frozen=True, slots=True)
class UnpauseReceived:
    """The client resumes after a pause."""

    now: float


@dataclass(frozen=True, slots=True)
class PingReceived:
    """The client asks for an echo of `t`."""

    t: float
    now: float


@dataclass(frozen=True, slots=True)
class ByeReceived:
    """The client ends its session."""

    now: float


@dataclass(frozen=True, slots=True)
class ByeDue:
    """It is the goodbye's turn."""


@dataclass(frozen=True, slots=True)
class TextRefused:
    """A text message that is not understood or not allowed; `close_code` where it ends the socket."""

    code: str
    field: str | None
    close_code: int | None
    now: float


@dataclass(frozen=True, slots=True)
class RefusalDue:
    """It is the turn of a refused text."""

    code: str
    field: str | None
    close_code: int | None


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """It is the turn of an answer that needs no further work."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """An answer raised an error; `seq` where it belonged to a frame."""

    seq: int | None
    now: float


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """The client floods, does not read, or sent too many bad frames."""

    close_code: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Another socket has taken over the session with its place."""


@dataclass(frozen=True, slots=True)
class HistoryDeleted:
    """The owner has deleted what this session recorded."""

    now: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; `engine_starting` while the models are being loaded."""

    now: float
    engine_starting: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The last message is sent: close."""

    close_code: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The socket is closed already, or the server stops."""


Event: TypeAlias = (
    HelloReceived
    | HelloDue
    | HelloAccepted
    | HelloRefused
    | PlaceGranted
    | PlaceDenied
    | EngineReady
    | EngineUnavailable
    | SessionCreated
    | SessionWritten
    | FrameReceived
    | SettingsReceived
    | SettingsDue
    | PauseReceived
    | UnpauseReceived
    | PingReceived
    | ByeReceived
    | ByeDue
    | TextRefused
    | RefusalDue
    | AnswerDue
    | AnswerFailed
    | LimitExceeded
    | TakenOver
    | HistoryDeleted
    | Tick
    | Finished
    | Disconnected
)


# Effects, carried out in order.


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
    """Send `error capacity`; `sentence` says why there is none."""

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
    """Let `event` happen when everything received before is answered."""

    event: Event


@dataclass(frozen=True, slots=True)
class Finish:
    """Let `Finished` happen now."""

    close_code: int


@dataclass(frozen=True, slots=True)
class CheckHello:
    """Resolve what a hello requests: HelloAccepted or HelloRefused follows."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class TakePlace:
    """Take a place, or that of the session's present holder: PlaceGranted or PlaceDenied follows."""

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
    """Go on with a session, seen through the choice."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class ChangeView:
    """See a session through another choice from now on."""

    session: Session
    choice: Choice


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session for good; its token is worth nothing any more."""

    session: Session


@dataclass(frozen=True, slots=True)
class AwaitEnd:
    """End a session and wait until everything of it is written, but not for long."""

    session: Session


@dataclass(frozen=True, slots=True)
class DetachSession:
    """Keep a session for a minute so that it can be resumed."""

    session: Session


@dataclass(frozen=True, slots=True)
class TakeFrame:
    """Check a frame and hand it to the engine, or answer why not."""

    data: bytes
    choice: Choice
    paused: bool
    now: float


@dataclass(frozen=True, slots=True)
class DiscardFrames:
    """Drop the frame that waits for the engine, if there is one; it is answered with `reason`."""

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
    """Give no further answers, and stop the clock."""


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

"""What happens to a viewer. Events named `...Due` happen when everything received before is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from emoweb.live.protocol import Answer, Hello
from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Holder, Session


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

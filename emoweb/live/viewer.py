"""One visitor's socket, from hello to goodbye: an explicit state machine.

NEW --hello--> GREETING --welcome--> LIVE
GREETING --refused hello--> NEW
any --bye, or a broken rule--> LEAVING --everything before it is answered--> CLOSED
any --socket lost, flood, silence, resumed elsewhere--> CLOSED
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from django.urls import reverse
from django.utils import timezone

from emoweb.live import protocol
from emoweb.live.admission import FloodGuard
from emoweb.live.choice import Choice, choose, live_models, offers
from emoweb.live.frame_gate import Flooded
from emoweb.live.greeting import new_session, understand
from emoweb.live.messages import language_for, sentence_for
from emoweb.live.outbox import Outbox
from emoweb.live.resume import issue_token
from emoweb.live.session_writer import Opening
from emoweb.live.sessions import Session
from emoweb.live.stream import Stream
from emoweb.live.waiting import outcome_of
from emoweb.live.watch import Watch

if TYPE_CHECKING:
    from emoweb.live.service import LiveService

START_WAIT_S: Final = 30.0
WRITE_WAIT_S: Final = 2.0


class State(Enum):
    """Where a viewer is; see the module's docstring."""

    NEW = "new"
    GREETING = "greeting"
    LIVE = "live"
    LEAVING = "leaving"
    CLOSED = "closed"


class Socket(Protocol):
    """What a viewer needs of the connection."""

    async def send_text(self, text: str) -> None:
        """Send a text message."""
        ...

    async def close_with(self, code: int) -> None:
        """Close with a code."""
        ...


class Viewer:
    """Understands what the client says, and decides what is answered. Lives on one event loop."""

    def __init__(self, service: LiveService, socket: Socket, owner: str, language: str) -> None:
        """Serve `owner` over `socket`; `language` is spoken until a hello asks for another."""
        self.id = uuid.uuid4().hex
        self.state = State.NEW
        self.stream: Stream | None = None
        self._held: Session | None = None
        self._service = service
        self._socket = socket
        self._owner = owner
        self._language = language
        # Texts are answered as frames are, and unread answers fill the memory all the same.
        self._texts = FloodGuard()
        self._said_bye = False
        self._overflowed = False
        self._outbox = Outbox(self._step_failed)
        self._watch = Watch(service, self)

    def start(self) -> None:
        """Begin to answer, and to watch the clock."""
        self._outbox.start()
        self._watch.start()

    # What comes in

    async def frame_came(self, data: bytes) -> None:
        """Take a binary message; the answer follows in its turn."""
        if self.state in (State.LEAVING, State.CLOSED):
            return
        self._watch.heard()
        if self.stream is None:
            await self._refuse_and_leave("hello_required", protocol.CLOSED_NOT_ALLOWED)
            return
        try:
            kept = self.stream.came(data, self._service.clock())
        except Flooded:
            kept = False
        if not kept:
            await self.close(protocol.CLOSED_FLOOD)

    async def text_came(self, text: str) -> None:
        """Take a text message; the answer follows in its turn."""
        if self.state in (State.LEAVING, State.CLOSED):
            return
        self._watch.heard()
        self._texts.admit(self._service.clock())
        if self._texts.is_flood(self._service.clock()):
            await self.close(protocol.CLOSED_FLOOD)
            return
        try:
            await self._understand(text)
        except protocol.TextRefused as refused:
            await self._refuse(refused)
        if self._overflowed:
            await self.close(protocol.CLOSED_FLOOD)

    async def gone(self) -> None:
        """Let go of everything: the socket is closed, or the server stops."""
        self._release()

    async def _understand(self, text: str) -> None:
        stream = self.stream
        message = protocol.parse_text(text, welcomed=stream is not None, consent=self._service.site.consent)
        if isinstance(message, protocol.Hello):
            self.state = State.GREETING
            self._watch.hello_came()
            self._put(partial(self._greet, message))
        elif stream is not None:
            await self._asked(message, stream)

    async def _asked(self, message: protocol.ClientMessage, stream: Stream) -> None:
        match message:
            case protocol.ChangeSettings():
                self._change(message, stream)
            case protocol.Pause():
                self._pause(stream)
            case protocol.Unpause():
                self.unpause(stream)
            case protocol.Ping():
                server_ms = round(timezone.now().timestamp() * 1000, 3)
                await self.send(protocol.Pong(message.t, server_ms))
            case protocol.Bye():
                self._leave(stream)

    # hello

    async def _greet(self, hello: protocol.Hello) -> None:
        if self.stream is not None:
            # A second hello that came while the first was still being answered.
            await self._refuse_and_leave("unknown_type", protocol.CLOSED_BROKEN)
            return
        self.state = State.GREETING
        self._language = language_for(hello.locale, self._language)
        try:
            found, choice = await understand(self._service, hello, self._owner)
        except protocol.TextRefused as refused:
            self.state = State.NEW
            self._watch.hello_refused()
            await self.send_error(refused.code, field=refused.field)
            return
        if not await self._take_seat(found):
            await self._turn_away("capacity")
            return
        if not await self._service.engine.ready(START_WAIT_S):
            await self._turn_away("starting")
            return
        await self._welcome(found, choice)

    async def _take_seat(self, found: Session | None) -> bool:
        before = found.holder if found is not None else None
        if before is None or not self._service.seats.hand_over(before.id, self.id):
            seated = self._service.seats.take(self.id)
        else:
            seated = True
        if found is not None and seated:
            self._hold(found)
            self._service.bus.taken(found.id)
            if before is not None:
                await before.resumed_elsewhere()
        return seated

    async def _welcome(self, found: Session | None, choice: Choice) -> None:
        session = found or await self._begin(choice)
        if found is not None:
            found.people.come_back()
            self._view_through(found, choice)
            self._service.recorder.resume(found.id, found.began, choice.label_set)
        self.state = State.LIVE
        self.stream = Stream(self._service, self.id, self, self._outbox, session)
        self._watch.welcomed()
        await self.send(
            protocol.Welcome(
                session=str(session.id),
                resume=issue_token(session.id, self._owner),
                resumed=found is not None,
                consent=self._service.site.consent,
                device=self._service.engine.device,
                model=choice.card.name,
                label_set=choice.label_set,
                labels=session.people.labels,
                models=offers(live_models(self._service.engine)),
                quality=choice.quality,
            )
        )

    async def _begin(self, choice: Choice) -> Session:
        """Start a session; its row is in the database before a client learns the session's id."""
        session = new_session(self._service, self._owner, choice)
        self._hold(session)
        opened = self._service.recorder.open(
            Opening(
                session=session.id,
                owner=self._owner,
                model=choice.card.name,
                label_set=choice.label_set,
                labels=choice.head.labels,
                consent=self._service.site.consent,
                started=timezone.now(),
            )
        )
        await _written(opened)
        return session

    def _hold(self, session: Session) -> None:
        self._held = session
        self._service.sessions.add(session, self)

    async def _turn_away(self, sentence: str) -> None:
        await self.send(protocol.ErrorAnswer("capacity", sentence_for(sentence, self._language)))
        await self.close(protocol.CLOSED_FULL)

    # settings, pause, bye

    def _change(self, wish: protocol.ChangeSettings, stream: Stream) -> None:
        choice = choose(live_models(self._service.engine), stream.choice, wish)
        if not choice.goes_on(stream.choice):
            stream.discard_waiting("superseded")
        stream.choice = choice
        self._put(partial(self._answer_change, choice, stream))

    async def _answer_change(self, choice: Choice, stream: Stream) -> None:
        if choice.goes_on(stream.session.choice):
            self._view_through(stream.session, choice)
        else:
            self._end(stream.session)
            stream.session = await self._begin(choice)
        session = stream.session
        await self.send(
            protocol.Settings(
                session=str(session.id),
                resume=issue_token(session.id, self._owner),
                model=choice.card.name,
                label_set=choice.label_set,
                labels=session.people.labels,
                quality=choice.quality,
            )
        )

    def _view_through(self, session: Session, choice: Choice) -> None:
        if choice.label_set != session.choice.label_set:
            session.people.change_label_set(choice.label_set)
            self._service.recorder.change_label_set(session.id, choice.label_set)
        session.choice = choice

    def _pause(self, stream: Stream) -> None:
        stream.paused = True
        stream.discard_waiting("paused")
        self._watch.paused()
        self._put(partial(self.send, protocol.Paused()))

    def unpause(self, stream: Stream) -> None:
        """Take frames again."""
        stream.paused = False
        self._watch.unpaused()
        self._put(partial(self.send, protocol.Unpaused()))

    def _leave(self, stream: Stream) -> None:
        self.state = State.LEAVING
        self._said_bye = True
        stream.discard_waiting("superseded")
        self._put(partial(self._say_goodbye, stream))

    async def _say_goodbye(self, stream: Stream) -> None:
        session = stream.session
        # Waited for, so that the history page has it all.
        await _written(self._end(session))
        history_url = reverse("history:session", args=[session.id])
        await self.send(protocol.Goodbye(str(session.id), history_url, "bye"))
        await self.close(protocol.CLOSED_BY_BYE)

    def _end(self, session: Session) -> Future[None]:
        self._service.sessions.end(session, self._service.clock())
        return self._service.recorder.close(session.id)

    # What goes out

    async def send(self, answer: protocol.Answer) -> None:
        """Send an answer, unless the socket is closed."""
        if self.state is not State.CLOSED:
            await self._socket.send_text(answer.text())

    async def send_error(self, code: str, *, seq: int | None = None, field: str | None = None) -> None:
        """Send an error with its sentence in the visitor's language."""
        self._service.metrics.error(code)
        await self.send(protocol.ErrorAnswer(code, sentence_for(code, self._language, field), seq))

    async def close(self, code: int) -> None:
        """Let go of everything and close the socket; closing twice is harmless."""
        if self.state is State.CLOSED:
            return
        self._release()
        await self._socket.close_with(code)

    async def resumed_elsewhere(self) -> None:
        """Close: another socket has taken the session and the seat over."""
        await self.close(protocol.CLOSED_RESUMED_ELSEWHERE)

    async def history_deleted(self) -> None:
        """Say goodbye: what this session recorded was deleted, and nothing more of it is kept."""
        session = self.stream.session if self.stream is not None else self._held
        if session is not None:
            self._said_bye = True
            await self.send(protocol.Goodbye(str(session.id), reverse("history:list"), "deleted"))
        await self.close(protocol.CLOSED_BY_BYE)

    async def failed(self) -> None:
        """Tell the client that a message of its could not be handled; the log has the rest."""
        await self.send_error("server_error")

    async def _step_failed(self, seq: int | None) -> None:
        if self.stream is None:
            self.state = State.NEW
            self._watch.hello_refused()
        await self.send_error("server_error", seq=seq)

    async def _refuse(self, refused: protocol.TextRefused) -> None:
        if refused.close_code is not None:
            await self._refuse_and_leave(refused.code, refused.close_code)
        elif self.stream is None:
            self._watch.hello_refused()
            await self.send_error(refused.code, field=refused.field)
        else:
            self._put(partial(self.send_error, refused.code, field=refused.field))

    async def _refuse_and_leave(self, code: str, close_code: int) -> None:
        if self.stream is None:
            await self.send_error(code)
            await self.close(close_code)
            return
        # What came before is answered before.
        self.state = State.LEAVING
        self._put(partial(self.send_error, code))
        self._put(partial(self.close, close_code))

    def _put(self, step: Callable[[], Awaitable[None]]) -> None:
        self._overflowed = not self._outbox.put(step) or self._overflowed

    def _release(self) -> None:
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self._watch.stop()
        self._outbox.stop()
        self._service.engine.discard(self.id, "superseded")
        self._service.seats.free(self.id)
        self._let_go_of_session()

    def _let_go_of_session(self) -> None:
        session = self.stream.session if self.stream is not None else self._held
        if session is None:
            return
        if self._said_bye:
            self._end(session)
        elif self._service.sessions.lose(session, self, self._service.clock()):
            self._service.recorder.leave(session.id)


async def _written(write: Future[None]) -> None:
    """Wait for a write to the history, but not for long: a slow database must not block the visitor."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(outcome_of(write), WRITE_WAIT_S)

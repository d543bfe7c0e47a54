"""One visitor's connection: converts messages into events, and executes the state machine's effects.

The states, the events, the effects and the transitions between states are in the modules of these names.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, Protocol

from django.urls import reverse
from django.utils import timezone

from emoweb import features
from emoweb.languages import language_for
from emoweb.live import protocol
from emoweb.live.capacity.hints import Advisor, Load
from emoweb.live.capacity.limits import Flooded, FloodGuard
from emoweb.live.service import LiveService
from emoweb.live.session.choice import Choice, choose, live_models, offers
from emoweb.live.session.resume import issue_token
from emoweb.live.session.sessions import Session
from emoweb.live.session.writer import Opening as NewRow
from emoweb.live.socket import effects, events, states
from emoweb.live.socket.greeting import new_session, understand
from emoweb.live.socket.messages import sentence_for
from emoweb.live.socket.outbox import Outbox, outcome_of
from emoweb.live.socket.stream import Stream
from emoweb.live.socket.transitions import HELLO_WITHIN_S, session_of, transition

START_WAIT_S: Final = 30.0
WRITE_WAIT_S: Final = 2.0
TICK_EACH_S: Final = 0.5

logger = logging.getLogger(__name__)


class Socket(Protocol):
    """What a viewer needs of the connection."""

    async def send_text(self, text: str) -> None:
        """Send a text message."""
        ...

    async def close_with(self, code: int) -> None:
        """Close with a code."""
        ...


class Viewer:
    """One connection on one event loop."""

    def __init__(self, service: LiveService, socket: Socket, owner: str, language: str) -> None:
        """Serve `owner` over `socket` in `language`, until a hello requests another one."""
        self.id = uuid.uuid4().hex
        self.state: states.State = states.AwaitingHello(service.clock() + HELLO_WITHIN_S)
        self._service = service
        self._socket = socket
        self._owner = owner
        self._language = language
        # Texts are acknowledged like frames, and unread responses fill the memory in the same way.
        self._texts = FloodGuard()
        self._advisor = Advisor()
        self._outbox = Outbox(self._answer_failed)
        self._stream = Stream(service, self.id, self, self._outbox)
        self._ticking: asyncio.Task[None] | None = None
        self._performers: dict[type, Callable[[Any], Awaitable[None]]] = self._all_performers()

    def start(self) -> None:
        """Start the outbox and the timer."""
        self._outbox.start()
        self._ticking = asyncio.create_task(self._tick_on(), name="viewer clock")

    @property
    def session(self) -> Session:
        """The session that results belong to. Raises RuntimeError before a welcome."""
        session = session_of(self.state)
        if session is None:
            raise RuntimeError(f"There is no session in the state {self.state}.")
        return session

    # Events from outside

    async def frame_received(self, data: bytes) -> None:
        """Take a binary message; responses are sent in order."""
        await self._happen(events.FrameReceived(data, self._service.clock()))

    async def text_received(self, text: str) -> None:
        """Take a text message; responses are sent in order."""
        if isinstance(self.state, states.Leaving | states.Refusing | states.Closed):
            return
        now = self._service.clock()
        self._texts.admit(now)
        if self._texts.is_flood(now):
            await self._happen(events.LimitExceeded(protocol.CLOSED_FLOOD))
            return
        try:
            event = self._event_of(text, now)
        except protocol.TextRefused as refused:
            event = events.TextRefused(refused.code, refused.field, refused.close_code, now)
        await self._happen(event)

    async def disconnected(self) -> None:
        """Release everything: the socket is closed, or the server stops."""
        await self._happen(events.Disconnected())

    async def resumed_elsewhere(self) -> None:
        """Close: another socket has taken over the session and the place."""
        await self._happen(events.TakenOver())

    async def history_deleted(self) -> None:
        """Send goodbye: the records of this session were deleted, and no more is recorded."""
        await self._happen(events.HistoryDeleted(self._service.clock()))

    async def message_failed(self) -> None:
        """Report to the client that its message could not be handled; the log has the rest."""
        await self.send_error("server_error")

    async def tick(self) -> None:
        """Do what is due now."""
        starting = self._service.engine.state == "starting"
        await self._happen(events.Tick(self._service.clock(), starting))

    async def _answer_failed(self, seq: int | None) -> None:
        await self._happen(events.AnswerFailed(seq, self._service.clock()))

    def _event_of(self, text: str, now: float) -> events.Event:
        """Return the request of a text. Raises protocol.TextRefused."""
        state = self.state
        welcomed = isinstance(state, states.Live | states.Paused)
        message = protocol.parse_text(text, welcomed=welcomed, consent=self._service.site.consent)
        match message:
            case protocol.ChangeSettings() if isinstance(state, states.Live | states.Paused):
                models = live_models(self._service.engine)
                return events.SettingsReceived(choose(models, state.choice, message), now)
            case protocol.Pause():
                return events.PauseReceived(now)
            case protocol.Unpause():
                return events.UnpauseReceived(now)
            case protocol.Ping(t):
                return events.PingReceived(t, now)
            case protocol.Bye():
                return events.ByeReceived(now)
            case protocol.Hello():
                return events.HelloReceived(message)
        raise AssertionError(message)

    async def _happen(self, event: events.Event) -> None:
        self.state, due = transition(self.state, event)
        for effect in due:
            await self._performers[type(effect)](effect)

    def _all_performers(self) -> dict[type, Callable[[Any], Awaitable[None]]]:
        return {
            effects.Send: self._send,
            effects.SendError: self._send_error,
            effects.SendTurnedAway: self._send_turned_away,
            effects.SendPong: self._send_pong,
            effects.SendWelcome: self._send_welcome,
            effects.SendSettings: self._send_settings,
            effects.SendGoodbye: self._send_goodbye,
            effects.SendStats: self._send_stats,
            effects.Enqueue: self._enqueue,
            effects.Finish: self._finish,
            effects.CheckHello: self._check_hello,
            effects.TakePlace: self._take_place,
            effects.CloseHolder: self._close_holder,
            effects.AwaitEngine: self._await_engine,
            effects.CreateSession: self._create_session,
            effects.ResumeSession: self._resume_session,
            effects.ChangeView: self._change_view,
            effects.EndSession: self._end_session,
            effects.AwaitEnd: self._await_end,
            effects.DetachSession: self._detach_session,
            effects.TakeFrame: self._take_frame,
            effects.DiscardFrames: self._discard_frames,
            effects.TouchSession: self._touch_session,
            effects.ReleasePlace: self._release_place,
            effects.StopTasks: self._stop_tasks,
            effects.CloseSocket: self._close_socket,
        }

    # Effects: hello and session

    async def _check_hello(self, effect: effects.CheckHello) -> None:
        self._language = language_for(effect.hello.locale, self._language)
        try:
            found, choice = await understand(self._service, effect.hello, self._owner)
        except protocol.TextRefused as refused:
            await self._happen(events.HelloRefused(refused.code, refused.field, self._service.clock()))
        else:
            await self._happen(events.HelloAccepted(choice, found))

    async def _take_place(self, effect: effects.TakePlace) -> None:
        session = effect.resumed
        holder = session.holder if session is not None else None
        admission = self._service.admission
        admitted = holder is not None and admission.transfer(holder.id, self.id)
        if not (admitted or admission.admit(self.id)):
            await self._happen(events.PlaceDenied())
            return
        if session is not None:
            self._service.sessions.add(session, self)
            self._service.bus.taken(session.id)
        await self._happen(events.PlaceGranted(effect.choice, session, holder))

    async def _close_holder(self, effect: effects.CloseHolder) -> None:
        await effect.holder.resumed_elsewhere()

    async def _await_engine(self, _effect: effects.AwaitEngine) -> None:
        if await self._service.engine.ready(START_WAIT_S):
            await self._happen(events.EngineReady(self._service.clock()))
        else:
            await self._happen(events.EngineUnavailable())

    async def _create_session(self, effect: effects.CreateSession) -> None:
        """Write the row before the client receives the session's id."""
        choice = effect.choice
        session = new_session(self._service, self._owner, choice)
        self._service.sessions.add(session, self)
        written = self._service.recorder.open(
            NewRow(
                session=session.id,
                owner=self._owner,
                model=choice.card.name,
                label_set=choice.label_set,
                labels=choice.head.labels,
                consent=self._service.site.consent,
                started=timezone.now(),
            )
        )
        await self._happen(events.SessionCreated(session))
        await _outcome_soon(written)
        await self._happen(events.SessionWritten(self._service.clock()))

    async def _resume_session(self, effect: effects.ResumeSession) -> None:
        session = effect.session
        session.people.come_back()
        self._view(session, effect.choice)
        self._service.recorder.resume(session.id, session.started_at, effect.choice.label_set)

    async def _change_view(self, effect: effects.ChangeView) -> None:
        self._view(effect.session, effect.choice)

    def _view(self, session: Session, choice: Choice) -> None:
        if choice.label_set != session.choice.label_set:
            session.people.change_label_set(choice.label_set)
            self._service.recorder.change_label_set(session.id, choice.label_set)
        session.choice = choice

    async def _end_session(self, effect: effects.EndSession) -> None:
        self._end(effect.session)

    async def _await_end(self, effect: effects.AwaitEnd) -> None:
        await _outcome_soon(self._end(effect.session))

    def _end(self, session: Session) -> Future[None]:
        self._service.sessions.end(session, self._service.clock())
        return self._service.recorder.close(session.id)

    async def _detach_session(self, effect: effects.DetachSession) -> None:
        if self._service.sessions.lose(effect.session, self, self._service.clock()):
            self._service.recorder.leave(effect.session.id)

    async def _touch_session(self, effect: effects.TouchSession) -> None:
        self._service.recorder.touch(effect.session.id)

    # Effects: frames

    async def _take_frame(self, effect: effects.TakeFrame) -> None:
        try:
            kept = self._stream.take(effect.data, effect.now, effect.choice, paused=effect.paused)
        except Flooded:
            kept = False
        if not kept:
            await self._happen(events.LimitExceeded(protocol.CLOSED_FLOOD))

    async def _discard_frames(self, effect: effects.DiscardFrames) -> None:
        self._service.engine.discard(self.id, effect.reason)

    async def too_many_bad_frames(self) -> None:
        """Close after too many consecutive bad frames."""
        await self._happen(events.LimitExceeded(protocol.CLOSED_BROKEN))

    # Effects: sending

    async def send(self, answer: protocol.Answer) -> None:
        """Send a response, unless the socket is closed."""
        if not isinstance(self.state, states.Closed):
            await self._socket.send_text(answer.text())

    async def send_error(self, code: str, *, seq: int | None = None, field: str | None = None) -> None:
        """Send an error with its sentence in the visitor's language."""
        self._service.metrics.error(code)
        await self.send(protocol.ErrorAnswer(code, sentence_for(code, self._language, field), seq))

    async def _send(self, effect: effects.Send) -> None:
        await self.send(effect.answer)

    async def _send_error(self, effect: effects.SendError) -> None:
        await self.send_error(effect.code, seq=effect.seq, field=effect.field)

    async def _send_turned_away(self, effect: effects.SendTurnedAway) -> None:
        await self.send(protocol.ErrorAnswer("capacity", sentence_for(effect.sentence, self._language)))

    async def _send_pong(self, effect: effects.SendPong) -> None:
        await self.send(protocol.Pong(effect.t, round(timezone.now().timestamp() * 1000, 3)))

    async def _send_welcome(self, effect: effects.SendWelcome) -> None:
        session, choice = effect.session, effect.choice
        await self.send(
            protocol.Welcome(
                session=str(session.id),
                resume=issue_token(session.id, self._owner),
                resumed=effect.resumed,
                consent=self._service.site.consent,
                device=self._service.engine.device,
                model=choice.card.name,
                label_set=choice.label_set,
                labels=session.people.labels,
                models=offers(live_models(self._service.engine)),
                quality=choice.quality,
            )
        )

    async def _send_settings(self, effect: effects.SendSettings) -> None:
        session = effect.session
        await self.send(
            protocol.Settings(
                session=str(session.id),
                resume=issue_token(session.id, self._owner),
                model=session.choice.card.name,
                label_set=session.choice.label_set,
                labels=session.people.labels,
                quality=session.choice.quality,
            )
        )

    async def _send_goodbye(self, effect: effects.SendGoodbye) -> None:
        session = effect.session.id
        await self.send(protocol.Goodbye(str(session), _history_url(effect), effect.reason))

    async def _send_stats(self, effect: effects.SendStats) -> None:
        service, figures, now = self._service, self._stream.figures, self._service.clock()
        latency, fps, viewers = figures.latency(now), figures.fps(now), service.admission.viewers
        session = effect.session
        await self.send(
            protocol.Stats(
                fps=fps,
                latency_ms=latency,
                frames=session.frames,
                drops=dict(session.drops),
                viewers=viewers,
                device=service.engine.device,
            )
        )
        load = Load(
            frame_ms=service.engine.stats().frame_ms,
            viewers=viewers,
            quality=effect.choice.quality,
            achieved_fps=fps,
            p95_ms=latency.p95,
            lost_share=figures.lost_share(now),
        )
        if (hint := self._advisor.advise(load)) is not None:
            await self.send(hint)

    # Effects: order and closing

    async def _enqueue(self, effect: effects.Enqueue) -> None:
        async def happen() -> None:
            await self._happen(effect.event)

        if not self._outbox.put(happen):
            await self._happen(events.LimitExceeded(protocol.CLOSED_FLOOD))

    async def _finish(self, effect: effects.Finish) -> None:
        await self._happen(events.Finished(effect.close_code))

    async def _release_place(self, _effect: effects.ReleasePlace) -> None:
        self._service.admission.release(self.id)

    async def _stop_tasks(self, _effect: effects.StopTasks) -> None:
        self._outbox.stop()
        ticking, self._ticking = self._ticking, None
        if ticking is not None and ticking is not asyncio.current_task():
            ticking.cancel()

    async def _close_socket(self, effect: effects.CloseSocket) -> None:
        await self._socket.close_with(effect.code)

    async def _tick_on(self) -> None:
        mine = asyncio.current_task()
        while self._ticking is mine:
            await asyncio.sleep(TICK_EACH_S)
            try:
                await self.tick()
            except Exception:
                # The top of a worker: the viewer continues, and the log records the error.
                logger.exception("A viewer's timer failed.")


async def _outcome_soon(write: Future[None]) -> None:
    """Wait for a write to the history for a limited time: a slow database must not block the visitor."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(outcome_of(write), WRITE_WAIT_S)


def _history_url(effect: effects.SendGoodbye) -> str | None:
    if not features.is_enabled("history"):
        return None
    if effect.reason == "deleted":
        return reverse("history:list")
    return reverse("history:session", args=[effect.session.id])

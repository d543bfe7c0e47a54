"""One pure function: a viewer's state and an event give the next state and the effects to carry out.

```
AwaitingHello --hello--> Greeting --accepted, place granted--> Admitted --models loaded--> Opening or Live
Opening --row written--> Live <--> Paused
Live, Paused --bye--> Leaving --answered--> Closed
any --rule broken--> Refusing --answered--> Closed
any --disconnected, limit exceeded, silent, taken over--> Closed
```

Events that arrive too late for their state (such as an answer after the close) are ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from emoweb.live import protocol
from emoweb.live import viewer_states as v
from emoweb.live.choice import Choice
from emoweb.live.sessions import Session
from emoweb.live.viewer_states import Effect, Event, State

HELLO_WITHIN_S: Final = 10.0
LONGEST_PAUSE_S: Final = 10 * 60.0
STATS_EACH_S: Final = 2.0
TOUCH_EACH_S: Final = 20.0

Step: TypeAlias = tuple[State, tuple[Effect, ...]]
# Each handler is entered for the states and the event that it can take; mypy cannot know the table's keys.
Handler: TypeAlias = Callable[[Any, Any], Step]


def transition(state: State, event: Event) -> Step:
    """Return the state after `event`, and what has to be done, in order."""
    return TABLE[type(event)][type(state)](state, event)


def session_of(state: State) -> Session | None:
    """Return the session of a state, or None if it has none."""
    match state:
        case v.Admitted(resumed=session):
            return session
        case v.Opening() | v.Live() | v.Paused() | v.Leaving() | v.Refusing():
            return state.session
    return None


def _ignored(state: State, _event: Event) -> Step:
    return state, ()


# Hello


def _queue_hello(state: State, event: v.HelloReceived) -> Step:
    following = v.Greeting() if isinstance(state, v.AwaitingHello) else state
    return following, (v.Enqueue(v.HelloDue(event.hello)),)


def _check_hello(_state: State, event: v.HelloDue) -> Step:
    return v.Greeting(), (v.CheckHello(event.hello),)


def _second_hello(state: State, _event: v.HelloDue) -> Step:
    return state, (v.SendError("unknown_type"), v.Finish(protocol.CLOSED_BROKEN))


def _take_place(state: v.Greeting, event: v.HelloAccepted) -> Step:
    return v.Greeting(), (v.TakePlace(event.choice, event.resumed),)


def _refuse_hello(_state: v.Greeting, event: v.HelloRefused) -> Step:
    return _awaiting_hello(event.now), (v.SendError(event.code, event.field),)


def _admit(_state: v.Greeting, event: v.PlaceGranted) -> Step:
    closed = () if event.holder is None else (v.CloseHolder(event.holder),)
    return v.Admitted(event.choice, event.resumed), (*closed, v.AwaitEngine())


def _turn_away(state: State, _event: v.PlaceDenied) -> Step:
    return state, (v.SendTurnedAway("capacity"), v.Finish(protocol.CLOSED_FULL))


def _engine_unavailable(state: State, _event: v.EngineUnavailable) -> Step:
    return state, (v.SendTurnedAway("starting"), v.Finish(protocol.CLOSED_FULL))


def _start_session(state: v.Admitted, event: v.EngineReady) -> Step:
    if state.resumed is None:
        return state, (v.CreateSession(state.choice),)
    return _live(state.resumed, state.choice, event.now), (
        v.ResumeSession(state.resumed, state.choice),
        v.SendWelcome(state.resumed, state.choice, resumed=True),
    )


def _open_session(state: v.Admitted, event: v.SessionCreated) -> Step:
    return v.Opening(event.session, state.choice), ()


def _welcome(state: v.Opening, event: v.SessionWritten) -> Step:
    return _live(state.session, state.choice, event.now), (
        v.SendWelcome(state.session, state.choice, resumed=False),
    )


# Frames


def _take_frame(state: v.Live, event: v.FrameReceived) -> Step:
    return _active(state, event.now), (v.TakeFrame(event.data, state.choice, False, event.now),)


def _take_paused_frame(state: v.Paused, event: v.FrameReceived) -> Step:
    return state, (v.TakeFrame(event.data, state.choice, True, event.now),)


def _frame_before_welcome(state: State, event: v.FrameReceived) -> Step:
    return _refusing(state, event.now), (
        v.SendError("hello_required"),
        v.Finish(protocol.CLOSED_NOT_ALLOWED),
    )


# Settings, pause, ping


def _change_settings(state: v.Live | v.Paused, event: v.SettingsReceived) -> Step:
    changed = replace(_active(state, event.now), choice=event.choice)
    due = v.Enqueue(v.SettingsDue(event.choice))
    if event.choice.continues(state.choice):
        return changed, (due,)
    return changed, (v.DiscardFrames("superseded"), due)


def _answer_settings(state: v.Live | v.Paused | v.Leaving | v.Refusing, event: v.SettingsDue) -> Step:
    session = state.session
    if session is None:
        return state, ()
    if event.choice.continues(session.choice):
        return state, (v.ChangeView(session, event.choice), v.SendSettings(session))
    return state, (v.EndSession(session), v.CreateSession(event.choice))


def _change_session(state: v.Live | v.Paused | v.Leaving | v.Refusing, event: v.SessionCreated) -> Step:
    return replace(state, session=event.session), ()


def _new_settings(state: v.Live | v.Paused | v.Leaving | v.Refusing, _event: v.SessionWritten) -> Step:
    return state, () if state.session is None else (v.SendSettings(state.session),)


def _pause(state: v.Live | v.Paused, event: v.PauseReceived) -> Step:
    paused = v.Paused(
        state.session, state.choice, event.now + LONGEST_PAUSE_S, state.touch_due, state.stats_due
    )
    return paused, (v.DiscardFrames("paused"), v.Enqueue(v.AnswerDue(protocol.Paused())))


def _unpause(state: v.Live | v.Paused, event: v.UnpauseReceived | v.Tick) -> Step:
    live = v.Live(state.session, state.choice, event.now + protocol.IDLE_S, state.touch_due, state.stats_due)
    return live, (v.Enqueue(v.AnswerDue(protocol.Unpaused())),)


def _echo(state: v.Live | v.Paused, event: v.PingReceived) -> Step:
    return _active(state, event.now), (v.SendPong(event.t),)


# Refusals and failures


def _refuse_text(state: State, event: v.TextRefused) -> Step:
    if event.close_code is None:
        following = _awaiting_hello(event.now) if isinstance(state, v.AwaitingHello) else state
        return following, (v.SendError(event.code, event.field),)
    return _refusing(state, event.now), (v.SendError(event.code), v.Finish(event.close_code))


def _queue_refusal(state: v.Live | v.Paused, event: v.TextRefused) -> Step:
    due = v.Enqueue(v.RefusalDue(event.code, event.field, event.close_code))
    if event.close_code is None:
        return _active(state, event.now), (due,)
    return _refusing(state, event.now), (due,)


def _send_refusal(state: State, event: v.RefusalDue) -> Step:
    if event.close_code is None:
        return state, (v.SendError(event.code, event.field),)
    return state, (v.SendError(event.code), v.Finish(event.close_code))


def _send_answer(state: State, event: v.AnswerDue) -> Step:
    return state, (v.Send(event.answer),)


def _fail_hello(state: State, event: v.AnswerFailed) -> Step:
    return _awaiting_hello(event.now), (
        v.ReleasePlace(),
        *_session_released(state),
        v.SendError("server_error"),
    )


def _fail_answer(state: State, event: v.AnswerFailed) -> Step:
    return state, (v.SendError("server_error", seq=event.seq),)


# The end


def _leave(state: v.Live | v.Paused, event: v.ByeReceived) -> Step:
    return v.Leaving(state.session, event.now + protocol.IDLE_S), (
        v.DiscardFrames("superseded"),
        v.Enqueue(v.ByeDue()),
    )


def _say_goodbye(state: v.Leaving, _event: v.ByeDue) -> Step:
    return state, (
        v.AwaitEnd(state.session),
        v.SendGoodbye(state.session, "bye"),
        v.Finish(protocol.CLOSED_BY_BYE),
    )


def _history_deleted(state: State, event: v.HistoryDeleted) -> Step:
    session = session_of(state)
    if session is None:
        return _closed(state, v.CloseSocket(protocol.CLOSED_BY_BYE))
    return v.Leaving(session, event.now + protocol.IDLE_S), (
        v.SendGoodbye(session, "deleted"),
        v.Finish(protocol.CLOSED_BY_BYE),
    )


def _taken_over(state: State, _event: v.TakenOver) -> Step:
    return _closed(state, v.CloseSocket(protocol.CLOSED_RESUMED_ELSEWHERE))


def _close(state: State, event: v.Finished | v.LimitExceeded) -> Step:
    return _closed(state, v.CloseSocket(event.close_code))


def _disconnect(state: State, _event: v.Disconnected) -> Step:
    return _closed(state)


# Time


def _expect_hello(state: v.AwaitingHello, event: v.Tick) -> Step:
    if event.engine_starting:
        # The visitor may be waiting for the page to report that the server is ready.
        return _awaiting_hello(event.now), ()
    return _silent(state) if event.now >= state.deadline else (state, ())


def _tick_live(state: v.Live, event: v.Tick) -> Step:
    return _silent(state) if event.now >= state.idle_deadline else _due(state, event.now)


def _tick_paused(state: v.Paused, event: v.Tick) -> Step:
    return _unpause(state, event) if event.now >= state.deadline else _due(state, event.now)


def _tick_ending(state: v.Leaving | v.Refusing, event: v.Tick) -> Step:
    return _silent(state) if event.now >= state.deadline else (state, ())


def _silent(state: State) -> Step:
    return _closed(state, v.CloseSocket(protocol.CLOSED_SILENT))


def _due(state: v.Live | v.Paused, now: float) -> Step:
    effects: tuple[Effect, ...] = ()
    if now >= state.touch_due:
        state = replace(state, touch_due=now + TOUCH_EACH_S)
        effects += (v.TouchSession(state.session),)
    if now >= state.stats_due:
        # Counted from when it was due, or the delays of the ticks would add up; after a stall, from now.
        overdue_s = now - state.stats_due
        start = state.stats_due if overdue_s < STATS_EACH_S else now
        state = replace(state, stats_due=start + STATS_EACH_S)
        effects += (v.SendStats(state.session, state.choice),)
    return state, effects


# What the handlers share


def _awaiting_hello(now: float) -> v.AwaitingHello:
    return v.AwaitingHello(now + HELLO_WITHIN_S)


def _live(session: Session, choice: Choice, now: float) -> v.Live:
    return v.Live(session, choice, now + protocol.IDLE_S, now + TOUCH_EACH_S, now + STATS_EACH_S)


def _active(state: v.Live | v.Paused, now: float) -> v.Live | v.Paused:
    """Put the idle deadline off: the client has sent something."""
    return replace(state, idle_deadline=now + protocol.IDLE_S) if isinstance(state, v.Live) else state


def _refusing(state: State, now: float) -> v.Refusing:
    return v.Refusing(session_of(state), now + protocol.IDLE_S)


def _session_released(state: State) -> tuple[Effect, ...]:
    session = session_of(state)
    if session is None:
        return ()
    return (v.EndSession(session) if isinstance(state, v.Leaving) else v.DetachSession(session),)


def _closed(state: State, *last: Effect) -> Step:
    """Release everything that the state owns, then carry out `last`."""
    release = (v.StopTasks(), v.DiscardFrames("superseded"), v.ReleasePlace())
    return v.Closed(), (*release, *_session_released(state), *last)


# The table

_BEFORE_WELCOME: Final = (v.AwaitingHello, v.Greeting, v.Admitted, v.Opening)
_ADMITTING: Final = (v.Greeting, v.Admitted, v.Opening)
_WELCOMED: Final = (v.Live, v.Paused)
_ENDING: Final = (v.Leaving, v.Refusing)
_OPEN: Final = (*_BEFORE_WELCOME, *_WELCOMED, *_ENDING)
_WITH_SESSION: Final = (*_WELCOMED, *_ENDING)

# Per event: the states in which it has an effect. In all others it is late, and ignored.
_HANDLERS: Final[dict[type[Event], tuple[tuple[tuple[type[State], ...], Handler], ...]]] = {
    v.HelloReceived: ((_BEFORE_WELCOME, _queue_hello),),
    v.HelloDue: (
        ((v.AwaitingHello, v.Greeting), _check_hello),
        ((v.Admitted, v.Opening, *_WELCOMED), _second_hello),
    ),
    v.HelloAccepted: (((v.Greeting,), _take_place),),
    v.HelloRefused: (((v.Greeting,), _refuse_hello),),
    v.PlaceGranted: (((v.Greeting,), _admit),),
    v.PlaceDenied: (((v.Greeting,), _turn_away),),
    v.EngineReady: (((v.Admitted,), _start_session),),
    v.EngineUnavailable: (((v.Admitted,), _engine_unavailable),),
    v.SessionCreated: (((v.Admitted,), _open_session), (_WITH_SESSION, _change_session)),
    v.SessionWritten: (((v.Opening,), _welcome), (_WITH_SESSION, _new_settings)),
    v.FrameReceived: (
        (_BEFORE_WELCOME, _frame_before_welcome),
        ((v.Live,), _take_frame),
        ((v.Paused,), _take_paused_frame),
    ),
    v.SettingsReceived: ((_WELCOMED, _change_settings),),
    v.SettingsDue: ((_WITH_SESSION, _answer_settings),),
    v.PauseReceived: ((_WELCOMED, _pause),),
    v.UnpauseReceived: ((_WELCOMED, _unpause),),
    v.PingReceived: ((_WELCOMED, _echo),),
    v.ByeReceived: ((_WELCOMED, _leave),),
    v.ByeDue: (((v.Leaving,), _say_goodbye),),
    v.TextRefused: ((_BEFORE_WELCOME, _refuse_text), (_WELCOMED, _queue_refusal)),
    v.RefusalDue: ((_WITH_SESSION, _send_refusal),),
    v.AnswerDue: ((_WITH_SESSION, _send_answer),),
    v.AnswerFailed: ((_BEFORE_WELCOME, _fail_hello), (_WITH_SESSION, _fail_answer)),
    v.LimitExceeded: ((_OPEN, _close),),
    v.TakenOver: ((_OPEN, _taken_over),),
    v.HistoryDeleted: ((_OPEN, _history_deleted),),
    v.Tick: (
        ((v.AwaitingHello,), _expect_hello),
        ((v.Live,), _tick_live),
        ((v.Paused,), _tick_paused),
        (_ENDING, _tick_ending),
    ),
    v.Finished: ((_OPEN, _close),),
    v.Disconnected: ((_OPEN, _disconnect),),
}


def _row(handlers: tuple[tuple[tuple[type[State], ...], Handler], ...]) -> dict[type[State], Handler]:
    row: dict[type[State], Handler] = dict.fromkeys(v.STATES, _ignored)
    for states, handler in handlers:
        row.update(dict.fromkeys(states, handler))
    return row


TABLE: Final = {event: _row(handlers) for event, handlers in _HANDLERS.items()}

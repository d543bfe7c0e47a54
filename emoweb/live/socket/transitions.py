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
from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Session
from emoweb.live.socket import effects, events, states
from emoweb.live.socket.effects import Effect
from emoweb.live.socket.events import Event
from emoweb.live.socket.states import State

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
        case states.Admitted(resumed=session):
            return session
        case states.Opening() | states.Live() | states.Paused() | states.Leaving() | states.Refusing():
            return state.session
    return None


def _ignored(state: State, _event: Event) -> Step:
    return state, ()


# Hello


def _queue_hello(state: State, event: events.HelloReceived) -> Step:
    following = states.Greeting() if isinstance(state, states.AwaitingHello) else state
    return following, (effects.Enqueue(events.HelloDue(event.hello)),)


def _check_hello(_state: State, event: events.HelloDue) -> Step:
    return states.Greeting(), (effects.CheckHello(event.hello),)


def _second_hello(state: State, _event: events.HelloDue) -> Step:
    return state, (effects.SendError("unknown_type"), effects.Finish(protocol.CLOSED_BROKEN))


def _take_place(state: states.Greeting, event: events.HelloAccepted) -> Step:
    return states.Greeting(), (effects.TakePlace(event.choice, event.resumed),)


def _refuse_hello(_state: states.Greeting, event: events.HelloRefused) -> Step:
    return _awaiting_hello(event.now), (effects.SendError(event.code, event.field),)


def _admit(_state: states.Greeting, event: events.PlaceGranted) -> Step:
    closed = () if event.holder is None else (effects.CloseHolder(event.holder),)
    return states.Admitted(event.choice, event.resumed), (*closed, effects.AwaitEngine())


def _turn_away(state: State, _event: events.PlaceDenied) -> Step:
    return state, (effects.SendTurnedAway("capacity"), effects.Finish(protocol.CLOSED_FULL))


def _engine_unavailable(state: State, _event: events.EngineUnavailable) -> Step:
    return state, (effects.SendTurnedAway("starting"), effects.Finish(protocol.CLOSED_FULL))


def _start_session(state: states.Admitted, event: events.EngineReady) -> Step:
    if state.resumed is None:
        return state, (effects.CreateSession(state.choice),)
    return _live(state.resumed, state.choice, event.now), (
        effects.ResumeSession(state.resumed, state.choice),
        effects.SendWelcome(state.resumed, state.choice, resumed=True),
    )


def _open_session(state: states.Admitted, event: events.SessionCreated) -> Step:
    return states.Opening(event.session, state.choice), ()


def _welcome(state: states.Opening, event: events.SessionWritten) -> Step:
    return _live(state.session, state.choice, event.now), (
        effects.SendWelcome(state.session, state.choice, resumed=False),
    )


# Frames


def _take_frame(state: states.Live, event: events.FrameReceived) -> Step:
    return _active(state, event.now), (effects.TakeFrame(event.data, state.choice, False, event.now),)


def _take_paused_frame(state: states.Paused, event: events.FrameReceived) -> Step:
    return state, (effects.TakeFrame(event.data, state.choice, True, event.now),)


def _frame_before_welcome(state: State, event: events.FrameReceived) -> Step:
    return _refusing(state, event.now), (
        effects.SendError("hello_required"),
        effects.Finish(protocol.CLOSED_NOT_ALLOWED),
    )


# Settings, pause, ping


def _change_settings(state: states.Live | states.Paused, event: events.SettingsReceived) -> Step:
    changed = replace(_active(state, event.now), choice=event.choice)
    due = effects.Enqueue(events.SettingsDue(event.choice))
    if event.choice.continues(state.choice):
        return changed, (due,)
    return changed, (effects.DiscardFrames("superseded"), due)


def _answer_settings(
    state: states.Live | states.Paused | states.Leaving | states.Refusing, event: events.SettingsDue
) -> Step:
    session = state.session
    if session is None:
        return state, ()
    if event.choice.continues(session.choice):
        return state, (effects.ChangeView(session, event.choice), effects.SendSettings(session))
    return state, (effects.EndSession(session), effects.CreateSession(event.choice))


def _change_session(
    state: states.Live | states.Paused | states.Leaving | states.Refusing, event: events.SessionCreated
) -> Step:
    return replace(state, session=event.session), ()


def _new_settings(
    state: states.Live | states.Paused | states.Leaving | states.Refusing, _event: events.SessionWritten
) -> Step:
    return state, () if state.session is None else (effects.SendSettings(state.session),)


def _pause(state: states.Live | states.Paused, event: events.PauseReceived) -> Step:
    paused = states.Paused(
        state.session, state.choice, event.now + LONGEST_PAUSE_S, state.touch_due, state.stats_due
    )
    return paused, (effects.DiscardFrames("paused"), effects.Enqueue(events.AnswerDue(protocol.Paused())))


def _unpause(state: states.Live | states.Paused, event: events.UnpauseReceived | events.Tick) -> Step:
    live = states.Live(
        state.session, state.choice, event.now + protocol.IDLE_S, state.touch_due, state.stats_due
    )
    return live, (effects.Enqueue(events.AnswerDue(protocol.Unpaused())),)


def _echo(state: states.Live | states.Paused, event: events.PingReceived) -> Step:
    return _active(state, event.now), (effects.SendPong(event.t),)


# Refusals and failures


def _refuse_text(state: State, event: events.TextRefused) -> Step:
    if event.close_code is None:
        following = _awaiting_hello(event.now) if isinstance(state, states.AwaitingHello) else state
        return following, (effects.SendError(event.code, event.field),)
    return _refusing(state, event.now), (effects.SendError(event.code), effects.Finish(event.close_code))


def _queue_refusal(state: states.Live | states.Paused, event: events.TextRefused) -> Step:
    due = effects.Enqueue(events.RefusalDue(event.code, event.field, event.close_code))
    if event.close_code is None:
        return _active(state, event.now), (due,)
    return _refusing(state, event.now), (due,)


def _send_refusal(state: State, event: events.RefusalDue) -> Step:
    if event.close_code is None:
        return state, (effects.SendError(event.code, event.field),)
    return state, (effects.SendError(event.code), effects.Finish(event.close_code))


def _send_answer(state: State, event: events.AnswerDue) -> Step:
    return state, (effects.Send(event.answer),)


def _fail_hello(state: State, event: events.AnswerFailed) -> Step:
    return _awaiting_hello(event.now), (
        effects.ReleasePlace(),
        *_session_released(state),
        effects.SendError("server_error"),
    )


def _fail_answer(state: State, event: events.AnswerFailed) -> Step:
    return state, (effects.SendError("server_error", seq=event.seq),)


# The end


def _leave(state: states.Live | states.Paused, event: events.ByeReceived) -> Step:
    return states.Leaving(state.session, event.now + protocol.IDLE_S), (
        effects.DiscardFrames("superseded"),
        effects.Enqueue(events.ByeDue()),
    )


def _say_goodbye(state: states.Leaving, _event: events.ByeDue) -> Step:
    return state, (
        effects.AwaitEnd(state.session),
        effects.SendGoodbye(state.session, "bye"),
        effects.Finish(protocol.CLOSED_BY_BYE),
    )


def _history_deleted(state: State, event: events.HistoryDeleted) -> Step:
    session = session_of(state)
    if session is None:
        return _closed(state, effects.CloseSocket(protocol.CLOSED_BY_BYE))
    return states.Leaving(session, event.now + protocol.IDLE_S), (
        effects.SendGoodbye(session, "deleted"),
        effects.Finish(protocol.CLOSED_BY_BYE),
    )


def _taken_over(state: State, _event: events.TakenOver) -> Step:
    return _closed(state, effects.CloseSocket(protocol.CLOSED_RESUMED_ELSEWHERE))


def _close(state: State, event: events.Finished | events.LimitExceeded) -> Step:
    return _closed(state, effects.CloseSocket(event.close_code))


def _disconnect(state: State, _event: events.Disconnected) -> Step:
    return _closed(state)


# Time


def _expect_hello(state: states.AwaitingHello, event: events.Tick) -> Step:
    if event.engine_starting:
        # The visitor may be waiting for the page to report that the server is ready.
        return _awaiting_hello(event.now), ()
    return _silent(state) if event.now >= state.deadline else (state, ())


def _tick_live(state: states.Live, event: events.Tick) -> Step:
    return _silent(state) if event.now >= state.idle_deadline else _due(state, event.now)


def _tick_paused(state: states.Paused, event: events.Tick) -> Step:
    return _unpause(state, event) if event.now >= state.deadline else _due(state, event.now)


def _tick_ending(state: states.Leaving | states.Refusing, event: events.Tick) -> Step:
    return _silent(state) if event.now >= state.deadline else (state, ())


def _silent(state: State) -> Step:
    return _closed(state, effects.CloseSocket(protocol.CLOSED_SILENT))


def _due(state: states.Live | states.Paused, now: float) -> Step:
    due: tuple[Effect, ...] = ()
    if now >= state.touch_due:
        state = replace(state, touch_due=now + TOUCH_EACH_S)
        due += (effects.TouchSession(state.session),)
    if now >= state.stats_due:
        # Counted from when it was due, or the delays of the ticks would add up; after a stall, from now.
        overdue_s = now - state.stats_due
        start = state.stats_due if overdue_s < STATS_EACH_S else now
        state = replace(state, stats_due=start + STATS_EACH_S)
        due += (effects.SendStats(state.session, state.choice),)
    return state, due


# What the handlers share


def _awaiting_hello(now: float) -> states.AwaitingHello:
    return states.AwaitingHello(now + HELLO_WITHIN_S)


def _live(session: Session, choice: Choice, now: float) -> states.Live:
    return states.Live(session, choice, now + protocol.IDLE_S, now + TOUCH_EACH_S, now + STATS_EACH_S)


def _active(state: states.Live | states.Paused, now: float) -> states.Live | states.Paused:
    """Put the idle deadline off: the client has sent something."""
    return replace(state, idle_deadline=now + protocol.IDLE_S) if isinstance(state, states.Live) else state


def _refusing(state: State, now: float) -> states.Refusing:
    return states.Refusing(session_of(state), now + protocol.IDLE_S)


def _session_released(state: State) -> tuple[Effect, ...]:
    session = session_of(state)
    if session is None:
        return ()
    return (
        effects.EndSession(session) if isinstance(state, states.Leaving) else effects.DetachSession(session),
    )


def _closed(state: State, *last: Effect) -> Step:
    """Release everything that the state owns, then carry out `last`."""
    release = (effects.StopTasks(), effects.DiscardFrames("superseded"), effects.ReleasePlace())
    return states.Closed(), (*release, *_session_released(state), *last)


# The table

_BEFORE_WELCOME: Final = (states.AwaitingHello, states.Greeting, states.Admitted, states.Opening)
_WELCOMED: Final = (states.Live, states.Paused)
_ENDING: Final = (states.Leaving, states.Refusing)
_OPEN: Final = (*_BEFORE_WELCOME, *_WELCOMED, *_ENDING)
_WITH_SESSION: Final = (*_WELCOMED, *_ENDING)

# Per event: the states in which it has an effect. In all others it is late, and ignored.
_HANDLERS: Final[dict[type[Event], tuple[tuple[tuple[type[State], ...], Handler], ...]]] = {
    events.HelloReceived: ((_BEFORE_WELCOME, _queue_hello),),
    events.HelloDue: (
        ((states.AwaitingHello, states.Greeting), _check_hello),
        ((states.Admitted, states.Opening, *_WELCOMED), _second_hello),
    ),
    events.HelloAccepted: (((states.Greeting,), _take_place),),
    events.HelloRefused: (((states.Greeting,), _refuse_hello),),
    events.PlaceGranted: (((states.Greeting,), _admit),),
    events.PlaceDenied: (((states.Greeting,), _turn_away),),
    events.EngineReady: (((states.Admitted,), _start_session),),
    events.EngineUnavailable: (((states.Admitted,), _engine_unavailable),),
    events.SessionCreated: (((states.Admitted,), _open_session), (_WITH_SESSION, _change_session)),
    events.SessionWritten: (((states.Opening,), _welcome), (_WITH_SESSION, _new_settings)),
    events.FrameReceived: (
        (_BEFORE_WELCOME, _frame_before_welcome),
        ((states.Live,), _take_frame),
        ((states.Paused,), _take_paused_frame),
    ),
    events.SettingsReceived: ((_WELCOMED, _change_settings),),
    events.SettingsDue: ((_WITH_SESSION, _answer_settings),),
    events.PauseReceived: ((_WELCOMED, _pause),),
    events.UnpauseReceived: ((_WELCOMED, _unpause),),
    events.PingReceived: ((_WELCOMED, _echo),),
    events.ByeReceived: ((_WELCOMED, _leave),),
    events.ByeDue: (((states.Leaving,), _say_goodbye),),
    events.TextRefused: ((_BEFORE_WELCOME, _refuse_text), (_WELCOMED, _queue_refusal)),
    events.RefusalDue: ((_WITH_SESSION, _send_refusal),),
    events.AnswerDue: ((_WITH_SESSION, _send_answer),),
    events.AnswerFailed: ((_BEFORE_WELCOME, _fail_hello), (_WITH_SESSION, _fail_answer)),
    events.LimitExceeded: ((_OPEN, _close),),
    events.TakenOver: ((_OPEN, _taken_over),),
    events.HistoryDeleted: ((_OPEN, _history_deleted),),
    events.Tick: (
        ((states.AwaitingHello,), _expect_hello),
        ((states.Live,), _tick_live),
        ((states.Paused,), _tick_paused),
        (_ENDING, _tick_ending),
    ),
    events.Finished: ((_OPEN, _close),),
    events.Disconnected: ((_OPEN, _disconnect),),
}


def _row(handlers: tuple[tuple[tuple[type[State], ...], Handler], ...]) -> dict[type[State], Handler]:
    row: dict[type[State], Handler] = dict.fromkeys(states.STATES, _ignored)
    for takers, handler in handlers:
        row.update(dict.fromkeys(takers, handler))
    return row


TABLE: Final = {event: _row(handlers) for event, handlers in _HANDLERS.items()}

"""The state machine of a viewer: every state with every event."""

from __future__ import annotations

import uuid
from typing import Any, get_args

import pytest

from emoweb.live import protocol
from emoweb.live.session.choice import Choice
from emoweb.live.session.sessions import Session
from emoweb.live.socket import effects, events, states
from emoweb.live.socket.transitions import transition
from recognition import LiveSession
from tests.emoweb.hall import AN
from tests.emoweb.hand_engine import card

NOW = 1000.0
CARD = card("first")
CHOICE = Choice(CARD, "fer7", "balanced")
OTHER_VIEW = Choice(CARD, "fer5", "far")
OTHER_MODEL = Choice(card("second"), "fer7", "balanced")


def session() -> Session:
    return Session(uuid.uuid4(), AN, CHOICE, LiveSession(CARD, "fer7"), started_at=NOW)


SESSION, NEW_SESSION = session(), session()
SOON, FAR = NOW + 5, NOW + 60

STATES: dict[str, states.State] = {
    "AwaitingHello": states.AwaitingHello(SOON),
    "Greeting": states.Greeting(),
    "Admitted": states.Admitted(CHOICE, SESSION),
    "Opening": states.Opening(SESSION, CHOICE),
    "Live": states.Live(SESSION, CHOICE, SOON, FAR, FAR),
    "Paused": states.Paused(SESSION, CHOICE, SOON, FAR, FAR),
    "Leaving": states.Leaving(SESSION, SOON),
    "Refusing": states.Refusing(SESSION, SOON),
    "Closed": states.Closed(),
}
EVENTS: dict[str, events.Event] = {
    "HelloReceived": events.HelloReceived(protocol.Hello()),
    "HelloDue": events.HelloDue(protocol.Hello()),
    "HelloAccepted": events.HelloAccepted(CHOICE, SESSION),
    "HelloRefused": events.HelloRefused("unknown_model", None, NOW),
    "PlaceGranted": events.PlaceGranted(CHOICE, SESSION, None),
    "PlaceDenied": events.PlaceDenied(),
    "EngineReady": events.EngineReady(NOW),
    "EngineUnavailable": events.EngineUnavailable(),
    "SessionCreated": events.SessionCreated(NEW_SESSION),
    "SessionWritten": events.SessionWritten(NOW),
    "FrameReceived": events.FrameReceived(b"frame", NOW),
    "SettingsReceived": events.SettingsReceived(OTHER_VIEW, NOW),
    "SettingsDue": events.SettingsDue(OTHER_VIEW),
    "PauseReceived": events.PauseReceived(NOW),
    "UnpauseReceived": events.UnpauseReceived(NOW),
    "PingReceived": events.PingReceived(1.0, NOW),
    "ByeReceived": events.ByeReceived(NOW),
    "ByeDue": events.ByeDue(),
    "TextRefused": events.TextRefused("bad_json", None, protocol.CLOSED_BROKEN, NOW),
    "RefusalDue": events.RefusalDue("bad_json", None, protocol.CLOSED_BROKEN),
    "AnswerDue": events.AnswerDue(protocol.Paused()),
    "AnswerFailed": events.AnswerFailed(7, NOW),
    "LimitExceeded": events.LimitExceeded(protocol.CLOSED_FLOOD),
    "TakenOver": events.TakenOver(),
    "HistoryDeleted": events.HistoryDeleted(NOW),
    "Tick": events.Tick(NOW + 10, engine_starting=False),
    "Finished": events.Finished(protocol.CLOSED_BROKEN),
    "Disconnected": events.Disconnected(),
}

CLOSE = "Closed: StopTasks DiscardFrames ReleasePlace CloseSocket"
CLOSE_DETACHED = "Closed: StopTasks DiscardFrames ReleasePlace DetachSession CloseSocket"
CLOSE_ENDED = "Closed: StopTasks DiscardFrames ReleasePlace EndSession CloseSocket"
REFUSE = "Refusing: SendError Finish"
CLOSED = {
    **dict.fromkeys(("AwaitingHello", "Greeting"), CLOSE),
    **dict.fromkeys(("Admitted", "Opening", "Live", "Paused", "Refusing"), CLOSE_DETACHED),
    "Leaving": CLOSE_ENDED,
}
BEFORE_WELCOME = ("AwaitingHello", "Greeting", "Admitted", "Opening")

# What each event does in the states where it does anything: the next state, and the effects in order.
EXPECTED: dict[str, dict[str, str]] = {
    "HelloReceived": {
        "AwaitingHello": "Greeting: Enqueue",
        "Greeting": "Greeting: Enqueue",
        "Admitted": "Admitted: Enqueue",
        "Opening": "Opening: Enqueue",
    },
    "HelloDue": {
        "AwaitingHello": "Greeting: CheckHello",
        "Greeting": "Greeting: CheckHello",
        "Admitted": "Admitted: SendError Finish",
        "Opening": "Opening: SendError Finish",
        "Live": "Live: SendError Finish",
        "Paused": "Paused: SendError Finish",
    },
    "HelloAccepted": {"Greeting": "Greeting: TakePlace"},
    "HelloRefused": {"Greeting": "AwaitingHello: SendError"},
    "PlaceGranted": {"Greeting": "Admitted: AwaitEngine"},
    "PlaceDenied": {"Greeting": "Greeting: SendTurnedAway Finish"},
    "EngineReady": {"Admitted": "Live: ResumeSession SendWelcome"},
    "EngineUnavailable": {"Admitted": "Admitted: SendTurnedAway Finish"},
    "SessionCreated": {
        "Admitted": "Opening:",
        "Live": "Live:",
        "Paused": "Paused:",
        "Leaving": "Leaving:",
        "Refusing": "Refusing:",
    },
    "SessionWritten": {
        "Opening": "Live: SendWelcome",
        "Live": "Live: SendSettings",
        "Paused": "Paused: SendSettings",
        "Leaving": "Leaving: SendSettings",
        "Refusing": "Refusing: SendSettings",
    },
    "FrameReceived": {
        **dict.fromkeys(BEFORE_WELCOME, REFUSE),
        "Live": "Live: TakeFrame",
        "Paused": "Paused: TakeFrame",
    },
    "SettingsReceived": {"Live": "Live: Enqueue", "Paused": "Paused: Enqueue"},
    "SettingsDue": {
        state: f"{state}: ChangeView SendSettings" for state in ("Live", "Paused", "Leaving", "Refusing")
    },
    "PauseReceived": {
        "Live": "Paused: DiscardFrames Enqueue",
        "Paused": "Paused: DiscardFrames Enqueue",
    },
    "UnpauseReceived": {"Live": "Live: Enqueue", "Paused": "Live: Enqueue"},
    "PingReceived": {"Live": "Live: SendPong", "Paused": "Paused: SendPong"},
    "ByeReceived": {
        "Live": "Leaving: DiscardFrames Enqueue",
        "Paused": "Leaving: DiscardFrames Enqueue",
    },
    "ByeDue": {"Leaving": "Leaving: AwaitEnd SendGoodbye Finish"},
    "TextRefused": {
        **dict.fromkeys(BEFORE_WELCOME, REFUSE),
        "Live": "Refusing: Enqueue",
        "Paused": "Refusing: Enqueue",
    },
    "RefusalDue": {
        state: f"{state}: SendError Finish" for state in ("Live", "Paused", "Leaving", "Refusing")
    },
    "AnswerDue": {state: f"{state}: Send" for state in ("Live", "Paused", "Leaving", "Refusing")},
    "AnswerFailed": {
        "AwaitingHello": "AwaitingHello: ReleasePlace SendError",
        "Greeting": "AwaitingHello: ReleasePlace SendError",
        "Admitted": "AwaitingHello: ReleasePlace DetachSession SendError",
        "Opening": "AwaitingHello: ReleasePlace DetachSession SendError",
        **{state: f"{state}: SendError" for state in ("Live", "Paused", "Leaving", "Refusing")},
    },
    "LimitExceeded": CLOSED,
    "TakenOver": CLOSED,
    "HistoryDeleted": {
        **dict.fromkeys(("AwaitingHello", "Greeting"), CLOSE),
        **dict.fromkeys(
            ("Admitted", "Opening", "Live", "Paused", "Leaving", "Refusing"), "Leaving: SendGoodbye Finish"
        ),
    },
    "Tick": {
        "AwaitingHello": CLOSE,
        "Live": CLOSE_DETACHED,
        "Paused": "Live: Enqueue",
        "Leaving": CLOSE_ENDED,
        "Refusing": CLOSE_DETACHED,
    },
    "Finished": CLOSED,
    "Disconnected": {state: outcome.removesuffix(" CloseSocket") for state, outcome in CLOSED.items()},
}


def outcome(state: states.State, event: events.Event) -> str:
    following, ordered = transition(state, event)
    names = " ".join(type(effect).__name__ for effect in ordered)
    return f"{type(following).__name__}: {names}".rstrip()


def test_the_table_names_every_state_and_every_event() -> None:
    assert set(STATES) == {kind.__name__ for kind in get_args(states.State)}
    assert set(EVENTS) == set(EXPECTED) == {kind.__name__ for kind in get_args(events.Event)}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_each_event_does_what_the_table_says(state: str, event: str) -> None:
    expected = EXPECTED[event].get(state)
    if expected is None:
        assert transition(STATES[state], EVENTS[event]) == (STATES[state], ()), "too late: ignored"
    else:
        assert outcome(STATES[state], EVENTS[event]) == expected


# What the table does not show: the cases that an event's own values decide.


def test_a_new_session_is_created_where_none_is_resumed() -> None:
    admitted = states.Admitted(CHOICE, None)
    assert transition(admitted, events.EngineReady(NOW)) == (admitted, (effects.CreateSession(CHOICE),))


def test_the_holder_of_a_resumed_session_is_closed_before_the_wait() -> None:
    holder: Any = object()
    _, ordered = transition(states.Greeting(), events.PlaceGranted(CHOICE, SESSION, holder))
    assert ordered == (effects.CloseHolder(holder), effects.AwaitEngine())


@pytest.mark.parametrize("state", ["Live", "Paused"])
def test_another_model_gives_up_the_waiting_frame_and_opens_a_session(state: str) -> None:
    changed, ordered = transition(STATES[state], events.SettingsReceived(OTHER_MODEL, NOW))
    assert ordered == (effects.DiscardFrames("superseded"), effects.Enqueue(events.SettingsDue(OTHER_MODEL)))
    assert transition(changed, events.SettingsDue(OTHER_MODEL))[1] == (
        effects.EndSession(SESSION),
        effects.CreateSession(OTHER_MODEL),
    )


@pytest.mark.parametrize("state", ["AwaitingHello", "Greeting", "Admitted", "Opening", "Live", "Paused"])
def test_a_refused_text_that_ends_nothing_is_only_reported(state: str) -> None:
    following, ordered = transition(STATES[state], events.TextRefused("bad_field", "quality", None, NOW))
    assert type(following) is type(STATES[state])
    due = events.RefusalDue("bad_field", "quality", None)
    sent = effects.SendError("bad_field", "quality")
    assert ordered == ((effects.Enqueue(due),) if state in ("Live", "Paused") else (sent,))
    if state in ("Live", "Paused"):
        assert transition(STATES[state], due) == (STATES[state], (sent,))


def test_a_refused_hello_gets_ten_seconds_again() -> None:
    assert transition(states.Greeting(), events.HelloRefused("unknown_model", None, NOW))[
        0
    ] == states.AwaitingHello(NOW + 10)


@pytest.mark.parametrize("state", ["AwaitingHello", "Live", "Paused", "Leaving", "Refusing"])
def test_before_a_deadline_a_tick_closes_nothing(state: str) -> None:
    assert transition(STATES[state], events.Tick(SOON - 0.1, engine_starting=False)) == (STATES[state], ())


def test_the_wait_for_a_hello_does_not_run_while_the_models_are_loaded() -> None:
    assert transition(states.AwaitingHello(NOW), events.Tick(SOON, engine_starting=True)) == (
        states.AwaitingHello(SOON + 10),
        (),
    )


@pytest.mark.parametrize("kind", [states.Live, states.Paused])
def test_statistics_are_due_each_two_seconds_whenever_the_tick_comes(kind: Any) -> None:
    state = kind(SESSION, CHOICE, FAR, FAR, NOW)
    late, ordered = transition(state, events.Tick(NOW + 0.4, engine_starting=False))
    assert ordered == (effects.SendStats(SESSION, CHOICE),)
    assert late.stats_due == NOW + 2, "the delay does not add up"
    stalled, _ = transition(state, events.Tick(NOW + 9, engine_starting=False))
    assert stalled.stats_due == NOW + 11


@pytest.mark.parametrize("kind", [states.Live, states.Paused])
def test_a_live_session_is_touched_each_twenty_seconds(kind: Any) -> None:
    touched, ordered = transition(
        kind(SESSION, CHOICE, FAR, NOW, FAR), events.Tick(NOW + 1, engine_starting=False)
    )
    assert (ordered, touched.touch_due) == ((effects.TouchSession(SESSION),), NOW + 21)


@pytest.mark.parametrize(
    "event", [EVENTS[name] for name in ("FrameReceived", "SettingsReceived", "PingReceived")]
)
def test_whatever_is_received_puts_the_idle_deadline_off(event: events.Event) -> None:
    live = transition(STATES["Live"], event)[0]
    assert isinstance(live, states.Live)
    assert live.idle_deadline == NOW + protocol.IDLE_S

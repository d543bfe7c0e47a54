"""One viewer against an engine that is finished by hand: order, edges, clocks. protocol/ has the real one."""

from __future__ import annotations

import asyncio
import gc
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from emoweb.history.models import Sample, Session
from emoweb.live import service as live_service
from emoweb.live.admission import Seats
from emoweb.live.consumer import LiveConsumer
from emoweb.live.outbox import MOST_STEPS
from emoweb.live.recorder import Recorder
from emoweb.live.resume import issue_token, session_of_token
from emoweb.live.service import LiveService, Site
from emoweb.live.sessions import Sessions
from emoweb.live.viewer import State, Viewer
from emoweb.live.waiting import outcome_of
from recognition import EngineClosed, FrameDropped
from tests.emoweb.hand_engine import HandEngine, seen
from tests.emoweb.test_live_protocol import CONSENT, frame

AN, BINH = "visitor:" + "a" * 32, "visitor:" + "b" * 32


class Clock:
    """A clock that the test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Wire:
    """What the client of a viewer receives."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.code: int | None = None

    async def send_text(self, text: str) -> None:
        self.messages.append(json.loads(text))

    async def close_with(self, code: int) -> None:
        assert self.code is None, "closed twice"
        self.code = code

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def answers(self) -> list[tuple[Any, ...]]:
        """Frames' answers as (type, seq, reason or code)."""
        return [
            (message["type"], message["seq"], message.get("reason") or message.get("code"))
            for message in self.messages
            if "seq" in message
        ]


class Hall:
    """A service whose engine and clock belong to the test."""

    def __init__(self, seats: int = 3) -> None:
        self.clock = Clock()
        self.engine = HandEngine()
        self.recorder = Recorder(tidy=lambda: None, clock=self.clock)
        self.service = LiveService(
            self.engine,
            self.recorder,
            Seats(lambda: seats),
            Sessions(),
            Site(version="0", consent=CONSENT),
            clock=self.clock,
        )
        self.viewers: list[Viewer] = []

    def arrive(self, owner: str = AN, language: str = "en") -> tuple[Viewer, Wire]:
        """Open a socket."""
        wire = Wire()
        viewer = Viewer(self.service, wire, owner, language)
        viewer.start()
        self.viewers.append(viewer)
        return viewer, wire

    async def welcome(self, owner: str = AN, **wishes: Any) -> tuple[Viewer, Wire]:
        """Open a socket and say hello."""
        viewer, wire = self.arrive(owner)
        await say(viewer, "hello", version=1, consent=CONSENT, **wishes)
        assert wire.types[-1] == "welcome", wire.messages
        return viewer, wire


async def say(viewer: Viewer, kind: str, **fields: Any) -> None:
    """Send a text message and let everything happen that can."""
    await viewer.text_came(json.dumps({"type": kind, **fields}))
    await settle()


async def show(viewer: Viewer, *seqs: int, **fields: Any) -> None:
    """Send frames and let everything happen that can."""
    for seq in seqs:
        await viewer.frame_came(frame(seq, **fields))
    await settle()


async def settle() -> None:
    for _ in range(300):
        await asyncio.sleep(0)


def run(hall: Hall, script: Callable[[Hall], Awaitable[None]]) -> None:
    async def play() -> None:
        try:
            await script(hall)
        finally:
            for viewer in hall.viewers:
                await viewer.gone()
            await settle()

    asyncio.run(play())


@pytest.fixture
def hall() -> Hall:
    return Hall()


# hello


def test_welcome_says_everything_that_is_documented(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        _, wire = await hall.welcome()
        (welcome,) = wire.messages
        session = uuid.UUID(welcome.pop("session"))
        assert session_of_token(welcome.pop("resume"), AN) == session
        sets = ["fer7", "fer5"]
        assert welcome == {
            "type": "welcome",
            "version": 1,
            "resumed": False,
            "credit": 2,
            "consent": CONSENT,
            "device": "cpu",
            "model": "first",
            "label_set": "fer7",
            "labels": ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"],
            "models": [
                {"name": name, "title": name.title(), "task": "emotion", "label_sets": sets}
                for name in ("first", "second")
            ],
            "quality": "balanced",
            "limits": {"max_frame_bytes": 524_288, "max_side": 1920, "max_fps": 30, "idle_s": 60},
        }

    run(hall, script)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"model": "nobody"}, "unknown_model"),
        ({"model": ""}, "unknown_model"),
        ({"label_set": "ferplus8"}, "unknown_labels"),
        ({"quality": "best"}, "bad_field"),
        ({"model": 7}, "bad_field"),
    ],
)
def test_a_hello_that_cannot_be_fulfilled_may_be_followed_by_another(
    hall: Hall, wishes: dict[str, Any], code: str
) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT, **wishes)
        assert [message["code"] for message in wire.messages] == [code]
        await say(viewer, "hello", version=1, consent=CONSENT, label_set="fer5", quality="far")
        welcome = wire.messages[-1]
        assert (welcome["type"], welcome["label_set"], welcome["quality"]) == ("welcome", "fer5", "far")
        assert len(welcome["labels"]) == 5

    run(hall, script)


def test_a_bad_field_is_named(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT, label_set=[])
        assert "label_set" in wire.messages[0]["message"]

    run(hall, script)


@pytest.mark.parametrize(
    ("text", "code", "close_code"),
    [
        ("garbage", "bad_json", 4400),
        ('{"type": "ping", "t": 1}', "hello_required", 4401),
        ('{"type": "hello", "version": 1}', "consent_required", 4401),
        (f'{{"type": "hello", "version": 2, "consent": "{CONSENT}"}}', "bad_version", 4400),
    ],
)
def test_before_welcome_a_broken_rule_ends_it(hall: Hall, text: str, code: str, close_code: int) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await viewer.text_came(text)
        await settle()
        assert [message["code"] for message in wire.messages] == [code]
        assert wire.code == close_code
        assert viewer.state is State.CLOSED

    run(hall, script)


def test_a_frame_before_hello_asks_for_one(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await show(viewer, 1)
        assert (wire.messages[0]["code"], wire.code) == ("hello_required", 4401)

    run(hall, script)


def test_a_second_hello_is_an_unknown_type(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert (wire.messages[-1]["code"], wire.code) == ("unknown_type", 4400)

    run(hall, script)


def test_two_hellos_in_one_breath_end_the_same_way(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        for _ in range(2):
            await viewer.text_came(json.dumps({"type": "hello", "version": 1, "consent": CONSENT}))
        await settle()
        assert wire.types == ["welcome", "error"]
        assert (wire.messages[-1]["code"], wire.code) == ("unknown_type", 4400)

    run(hall, script)


def test_without_a_hello_the_socket_is_closed_after_ten_seconds(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        hall.clock.now += 9.9
        await viewer._watch.look()
        assert wire.code is None
        hall.clock.now += 0.2
        await viewer._watch.look()
        assert wire.code == 4408

    run(hall, script)


def test_the_ten_seconds_do_not_run_while_the_server_starts(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        hall.engine.state = "starting"
        viewer, wire = hall.arrive()
        hall.clock.now += 25
        await viewer._watch.look()
        assert wire.code is None
        hall.engine.state = "ready"
        hall.clock.now += 9
        await viewer._watch.look()
        assert wire.code is None

    run(hall, script)


def test_a_server_that_does_not_get_ready_turns_visitors_away(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        hall.engine.state = "starting"
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert (wire.messages[-1]["code"], wire.code) == ("capacity", 4503)
        assert hall.service.seats.taken == 0

    run(hall, script)


def test_a_full_house_says_so(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        for _ in range(3):
            await hall.welcome()
        viewer, wire = hall.arrive(BINH)
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert (wire.messages[-1]["code"], wire.code) == ("capacity", 4503)
        await hall.viewers[0].gone()
        await hall.welcome(BINH)

    run(hall, script)


@pytest.mark.parametrize(
    ("language", "locale", "spoken"),
    [("en", "vi-VN", "vi"), ("vi", None, "vi"), ("en", "fr", "en"), ("vi", "en", "en")],
)
def test_errors_speak_the_visitors_language(
    hall: Hall, language: str, locale: str | None, spoken: str
) -> None:
    async def script(hall: Hall) -> None:
        viewer, _ = hall.arrive(language=language)
        await say(viewer, "hello", version=1, consent=CONSENT, locale=locale)
        assert viewer._language == spoken

    run(hall, script)


def test_a_hello_that_fails_inside_may_be_followed_by_another(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        with monkeypatch.context() as patch:
            patch.setattr("emoweb.live.viewer.new_session", broken)
            await say(viewer, "hello", version=1, consent=CONSENT)
        assert wire.messages[-1]["code"] == "server_error"
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert wire.types[-1] == "welcome"
        assert hall.service.seats.taken == 1

    run(hall, script)
    assert "a mistake of ours" in caplog.text


# frames


def test_every_frame_gets_one_answer_in_order(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 3, 4)
        hall.engine.finish(seen(faces=2))
        hall.engine.fail(FrameDropped("stale"))
        await settle()
        assert wire.answers == [("result", 3, None), ("drop", 4, "stale")]
        result = wire.messages[1]
        assert (result["captured_ms"], result["width"], result["height"]) == (12.5, 640, 480)
        assert [face["id"] for face in result["faces"]] == [1, 2]
        face = result["faces"][0]
        assert face["label"] == "happy"
        assert face["box"] == [0.05, 0.2, 0.2, 0.4]
        assert sum(face["probabilities"]) == pytest.approx(1, abs=1e-4)
        assert set(result["timing"]) == {"queue_ms", "decode_ms", "detect_ms", "classify_ms", "total_ms"}

    run(hall, script)


def test_an_answer_never_overtakes_an_earlier_one(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1, 2)
        await viewer.frame_came(b"nonsense")
        hall.engine.submitted.pop(1)[1].set_result(seen())
        await settle()
        assert wire.types == ["welcome"]
        hall.engine.finish()
        await settle()
        assert wire.types == ["welcome", "result", "result", "error"]

    run(hall, script)


def test_bad_frames_are_refused_with_their_seq_where_it_is_readable(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 5, jpeg=b"x" * 600_000)
        await show(viewer, 5)
        await show(viewer, 6, version=3)
        await show(viewer, 7, width=20_000, height=20_000)
        errors = [(m.get("code") or m.get("reason"), m.get("seq")) for m in wire.messages[1:]]
        assert errors == [("too_large", 5), ("bad_seq", 5), ("bad_version", None), ("bad_image", 7)]
        assert hall.engine.submitted == []

    run(hall, script)


def test_ten_bad_frames_in_a_row_end_it(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(3):
            await viewer.frame_came(b"nonsense")
            await show(viewer, 0, version=2)
            await show(viewer, 1, jpeg=b"x" * 600_000)
        await settle()
        assert wire.code is None
        await show(viewer, 9)
        hall.engine.fail(FrameDropped("bad_image"))
        await settle()
        assert wire.answers[-1] == ("drop", 9, "bad_image")
        assert wire.code == 4400

    run(hall, script)


def test_a_good_frame_between_bad_ones_resets_the_count(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for seq in (1, 2, 3):
            for _ in range(9):
                await viewer.frame_came(b"nonsense")
            await show(viewer, seq)
            hall.engine.finish()
        await settle()
        assert wire.code is None
        assert wire.types.count("error") == 27

    run(hall, script)


def test_frames_over_the_rate_are_dropped_and_a_flood_ends_it(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, *range(1, 64))
        for _ in range(60):
            hall.engine.finish()
        await settle()
        assert wire.answers[-3:] == [("drop", seq, "rate") for seq in (61, 62, 63)]
        for seq in range(64, 700):
            hall.clock.now += 0.01
            await viewer.frame_came(frame(seq, answered=seq - 1))
        assert wire.code == 4429
        assert viewer.state is State.CLOSED
        assert hall.service.seats.taken == 0

    run(hall, script)


@pytest.mark.parametrize("text", ['{"type": "settings"}', "garbage"])
def test_more_questions_than_are_kept_end_it(hall: Hall, text: str) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        for _ in range(MOST_STEPS):
            viewer._outbox.put(settle)
        await viewer.text_came(text)
        assert wire.code == 4429

    run(hall, script)


def test_a_client_that_does_not_read_is_closed(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for seq in range(1, 100):
            hall.clock.now += 0.1
            await show(viewer, seq, answered=0)
            if wire.code is None:
                hall.engine.finish()
                await settle()
        assert wire.code == 4429
        assert 80 < len(wire.answers) < 90

    run(hall, script)


def test_a_client_that_reads_is_not_closed(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for seq in range(1, 200):
            hall.clock.now += 0.1
            await show(viewer, seq, answered=max(seq - 20, 0))
            hall.engine.finish()
        await settle()
        assert wire.code is None
        assert len(wire.answers) == 199

    run(hall, script)


def test_what_fails_inside_is_told_under_the_frames_seq(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1, 2, 3, 4)
        hall.engine.fail(RuntimeError("a mistake of ours"))
        hall.engine.fail(FrameDropped("failed"))
        hall.engine.fail(EngineClosed("stopped"))
        hall.engine.finish()
        await settle()
        assert wire.answers == [
            ("error", 1, "server_error"),
            ("drop", 2, "failed"),
            ("drop", 3, "failed"),
            ("result", 4, None),
        ]

    run(hall, script)
    assert "a mistake of ours" in caplog.text


def test_a_socket_that_goes_leaves_the_engines_frame_alone(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        (_, future), hall.engine.submitted = hall.engine.submitted[0], []
        await viewer.gone()
        await settle()
        assert not future.cancelled()
        future.set_result(seen())
        await settle()
        assert wire.types == ["welcome"]

    run(hall, script)


# pause, settings, bye


def test_a_pause_drops_the_waiting_frame_before_its_answer(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        await say(viewer, "pause")
        await show(viewer, 2)
        await say(viewer, "unpause")
        await show(viewer, 3)
        hall.engine.finish()
        await settle()
        assert wire.types == ["welcome", "drop", "paused", "drop", "unpaused", "result"]
        assert wire.answers == [("drop", 1, "paused"), ("drop", 2, "paused"), ("result", 3, None)]

    run(hall, script)


def test_silence_ends_it_but_not_during_a_pause(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        hall.clock.now += 59
        await say(viewer, "pause")
        for _ in range(9):
            hall.clock.now += 60
            await viewer._watch.look()
        assert wire.code is None
        hall.clock.now += 61
        await viewer._watch.look()
        await settle()
        assert wire.code is None
        assert "unpaused" in wire.types
        hall.clock.now += 60
        await viewer._watch.look()
        assert wire.code == 4408

    run(hall, script)


def test_anything_sent_is_a_sign_of_life(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(4):
            hall.clock.now += 50
            await say(viewer, "ping", t=1)
            await viewer._watch.look()
        assert wire.code is None
        hall.clock.now += 60
        await viewer._watch.look()
        assert wire.code == 4408

    run(hall, script)


def test_a_ping_is_echoed_at_once(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        await say(viewer, "ping", t=17.25)
        pong = wire.messages[-1]
        assert (pong["type"], pong["t"]) == ("pong", 17.25)
        assert pong["server_ms"] > 1.7e12

    run(hall, script)


def test_another_label_set_holds_from_its_answer_on(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        await say(viewer, "settings", label_set="fer5", quality="fast")
        await show(viewer, 2)
        assert [entry[0].quality for entry in hall.engine.submitted] == ["balanced", "fast"]
        hall.engine.finish()
        hall.engine.finish()
        await settle()
        welcome, first, settings, second = wire.messages
        assert len(first["faces"][0]["probabilities"]) == 7
        assert settings["labels"] == ["angry", "happy", "sad", "surprise", "neutral"]
        assert (settings["session"], settings["quality"]) == (welcome["session"], "fast")
        assert len(second["faces"][0]["probabilities"]) == 5
        assert second["faces"][0]["id"] == first["faces"][0]["id"]

    run(hall, script)


def test_another_model_opens_a_new_session(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        old = wire.messages[0]
        await show(viewer, 1)
        await say(viewer, "settings", model="second")
        await show(viewer, 2)
        assert hall.engine.submitted[0][0].model == "second"
        hall.engine.finish()
        await settle()
        assert wire.types == ["welcome", "drop", "settings", "result"]
        assert wire.answers[0] == ("drop", 1, "superseded")
        new = wire.messages[2]
        assert new["model"] == "second"
        assert new["session"] != old["session"]
        assert session_of_token(new["resume"], AN) == uuid.UUID(new["session"])
        await viewer.gone()
        _, again = await hall.welcome(resume=old["resume"])
        assert again.messages[0]["resumed"] is False
        _, again = await hall.welcome(resume=new["resume"])
        assert again.messages[0]["resumed"] is True

    run(hall, script)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"model": "nobody"}, "unknown_model"),
        ({"label_set": "ferplus8"}, "unknown_labels"),
        ({"quality": "best"}, "bad_field"),
        ({"quality": 5}, "bad_field"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_change_nothing(
    hall: Hall, wish: dict[str, Any], code: str
) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await say(viewer, "settings", **wish)
        assert wire.messages[-1]["code"] == code
        await say(viewer, "settings")
        settings = wire.messages[-1]
        assert (settings["model"], settings["label_set"], settings["quality"]) == (
            "first",
            "fer7",
            "balanced",
        )

    run(hall, script)


def test_bye_drops_the_waiting_frame_then_answers_then_closes(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        session = wire.messages[0]["session"]
        await show(viewer, 1)
        hall.recorder._records.clear()
        await say(viewer, "bye")
        await show(viewer, 2)
        assert wire.types == ["welcome", "drop", "bye"]
        assert wire.answers == [("drop", 1, "superseded")]
        goodbye = wire.messages[-1]
        assert goodbye["session"] == session
        assert goodbye["history_url"] == f"/history/{session}/"
        assert wire.code == 1000
        assert hall.service.seats.taken == 0

    run(hall, script)


def test_a_bye_whose_socket_goes_at_once_still_ends_the_session(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await viewer.text_came('{"type": "bye"}')
        await viewer.gone()
        assert hall.service.sessions.has_ended(uuid.UUID(wire.messages[0]["session"]))

    run(hall, script)


# stats and hints


def test_stats_tell_how_it_goes(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1, 2, 3)
        hall.engine.finish()
        hall.engine.finish()
        hall.engine.fail(FrameDropped("stale"))
        await settle()
        hall.clock.now += 1.9
        await viewer._watch.look()
        assert "stats" not in wire.types
        hall.clock.now += 0.2
        await viewer._watch.look()
        stats = wire.messages[-1]
        assert stats == {
            "type": "stats",
            "fps": 0.5,
            "latency_ms": {"p50": 0.0, "p95": 0.0},
            "frames": 2,
            "drops": {"stale": 1},
            "viewers": 1,
            "device": "cpu",
        }

    run(hall, script)


def test_stats_come_each_two_seconds_however_late_the_looks_are(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(100):
            hall.clock.now += 0.53
            hall.clock.now += 0 if hall.clock.now < 1020 else 0.01
            await say(viewer, "ping", t=1)
            await viewer._watch.look()
        assert wire.types.count("stats") == int((hall.clock.now - 1000) / 2)

    run(hall, script)


def test_a_loaded_server_hints_to_send_less_and_later_allows_more(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()

        async def two_seconds() -> list[dict[str, Any]]:
            before = len(wire.messages)
            hall.clock.now += 2
            await viewer._watch.look()
            return [message for message in wire.messages[before:] if message["type"] == "hint"]

        assert await two_seconds() == []
        hall.engine.frame_ms = 250.0
        (hint,) = await two_seconds()
        assert set(hint) == {"type", "fps", "max_side", "jpeg_quality", "credit"}
        assert hint["fps"] < 5
        assert hint["max_side"] < 640
        assert await two_seconds() == []
        hall.engine.frame_ms = 10.0
        assert await two_seconds() == []
        (hint,) = await two_seconds()
        assert hint["fps"] == 30

    run(hall, script)


# resume


def test_sessions_that_nobody_comes_back_to_are_forgotten(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        for _ in range(5):
            viewer, _ = await hall.welcome()
            await viewer.gone()
            hall.clock.now += 45
        assert len(hall.service.sessions) == 2

    run(hall, script)


def test_a_lost_socket_leaves_its_people_for_a_minute(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        hall.engine.finish(seen(faces=2))
        await settle()
        await viewer.gone()
        hall.clock.now += 55
        again, wire_again = await hall.welcome(resume=wire.messages[0]["resume"], label_set="fer5")
        welcome = wire_again.messages[0]
        assert welcome["resumed"] is True
        assert welcome["session"] == wire.messages[0]["session"]
        assert welcome["label_set"] == "fer5"
        await show(again, 1)
        hall.engine.finish(seen(faces=2))
        await settle()
        assert [face["id"] for face in wire_again.messages[1]["faces"]] == [1, 2]
        hall.clock.now += 2  # with a socket it is an absence again
        await show(again, 2)
        hall.engine.finish(seen(faces=2))
        await settle()
        assert [face["id"] for face in wire_again.messages[2]["faces"]] == [3, 4]

    run(hall, script)


def test_a_resumed_face_goes_on_from_its_smoothed_expression(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        hall.engine.finish(seen())
        await settle()
        await viewer.gone()
        hall.clock.now += 55
        again, wire_again = await hall.welcome(resume=wire.messages[0]["resume"])
        await show(again, 1)
        hall.engine.finish(seen(label=0))
        await settle()
        assert wire_again.messages[1]["faces"][0]["label"] == "happy"
        assert wire_again.messages[1]["faces"][0]["probabilities"][3] > 0.5

    run(hall, script)


@pytest.mark.django_db(transaction=True)
def test_after_a_minute_it_is_too_late(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await viewer.gone()
        hall.clock.now += 60.1
        late, late_wire = hall.arrive()
        hello = {"version": 1, "consent": CONSENT, "resume": wire.messages[0]["resume"]}
        await say(late, "hello", **hello)
        await until(lambda: bool(late_wire.messages))
        assert late_wire.messages[0]["resumed"] is False

    run(hall, script)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def test_an_open_socket_is_taken_over_with_its_seat(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(2):
            await hall.welcome(BINH)
        await show(viewer, 1)
        again, wire_again = await hall.welcome(resume=wire.messages[0]["resume"])
        assert wire.code == 4409
        assert wire_again.messages[0]["resumed"] is True
        assert hall.service.seats.taken == 3
        await viewer.gone()
        assert hall.service.seats.taken == 3
        await show(again, 1)
        hall.engine.finish()
        await settle()
        assert wire_again.answers == [("result", 1, None)]

    run(hall, script)


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "\ud800", "x" * 9000])
def test_a_forged_token_gives_a_new_session(hall: Hall, token: str) -> None:
    async def script(hall: Hall) -> None:
        _, wire = await hall.welcome(resume=token)
        assert wire.messages[0]["resumed"] is False

    run(hall, script)


def test_another_visitors_token_is_worth_nothing(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        _, wire = await hall.welcome(AN)
        _, thief = await hall.welcome(BINH, resume=wire.messages[0]["resume"])
        assert thief.messages[0]["resumed"] is False
        assert thief.messages[0]["session"] != wire.messages[0]["session"]
        assert wire.code is None

    run(hall, script)


def test_a_token_of_an_ended_session_is_worth_nothing(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        hall.recorder._records.clear()
        await say(viewer, "bye")
        _, again = await hall.welcome(resume=wire.messages[0]["resume"])
        assert again.messages[0]["resumed"] is False

    run(hall, script)


def test_a_resume_with_another_model_is_a_new_session(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await viewer.gone()
        _, again = await hall.welcome(resume=wire.messages[0]["resume"], model="second")
        assert (again.messages[0]["resumed"], again.messages[0]["model"]) == (False, "second")

    run(hall, script)


def test_a_token_names_session_and_owner() -> None:
    session = uuid.uuid4()
    assert session_of_token(issue_token(session, AN), AN) == session
    assert session_of_token(issue_token(session, AN), BINH) is None


@pytest.mark.django_db(transaction=True)
def test_after_a_restart_the_database_decides_and_no_id_is_used_again(hall: Hall) -> None:
    session = uuid.uuid4()
    row = Session.objects.create(
        id=session, owner=AN, model="first", label_set="fer5", labels=["a"], consent=CONSENT, frames=40
    )
    Sample.objects.create(session=row, second=1, face=7, label="a", confidence=1, n=1, probabilities=[1])

    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT, resume=issue_token(session, AN))
        await until(lambda: bool(wire.messages))
        welcome = wire.messages[0]
        assert (welcome["resumed"], welcome["session"], welcome["label_set"]) == (True, str(session), "fer5")
        await show(viewer, 1)
        hall.engine.finish()
        await settle()
        assert wire.messages[1]["faces"][0]["id"] > 7
        assert viewer.stream is not None
        assert viewer.stream.session.frames == 41

    run(hall, script)


# The consumer and the service


@pytest.fixture
def in_place(hall: Hall) -> Iterator[Hall]:
    live_service.use(hall.service)
    yield hall
    live_service.use(None)


def communicator(subprotocols: list[str]) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/", subprotocols=subprotocols)
    socket.scope.update(owner=AN, language="en")
    return socket


@pytest.mark.parametrize("subprotocols", [[], ["emotion.v2"], ["EMOTION.V1"]])
def test_another_subprotocol_or_none_is_refused(in_place: Hall, subprotocols: list[str]) -> None:
    async def script(hall: Hall) -> None:
        connected, _ = await communicator(subprotocols).connect()
        assert not connected

    run(in_place, script)


def test_the_doorman_lets_in_passes_on_and_sees_out(in_place: Hall) -> None:
    async def script(hall: Hall) -> None:
        socket = communicator(["other", "emotion.v1"])
        assert await socket.connect() == (True, "emotion.v1")
        await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
        assert (await socket.receive_json_from())["type"] == "welcome"
        assert hall.service.seats.taken == 1
        await socket.send_to(bytes_data=frame(1))
        await until(lambda: bool(hall.engine.submitted))
        hall.engine.finish()
        assert (await socket.receive_json_from())["type"] == "result"
        await socket.disconnect()
        assert hall.service.seats.taken == 0

    run(in_place, script)


def test_an_error_in_the_house_is_told_and_the_socket_lives(
    in_place: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(viewer: Viewer, text: str) -> None:
        raise RuntimeError("a mistake of ours")

    async def script(hall: Hall) -> None:
        socket = communicator(["emotion.v1"])
        await socket.connect()
        with monkeypatch.context() as patch:
            patch.setattr(Viewer, "text_came", broken)
            await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
            assert (await socket.receive_json_from())["code"] == "server_error"
        await socket.send_json_to({"type": "hello", "version": 1, "consent": CONSENT})
        assert (await socket.receive_json_from())["type"] == "welcome"
        await socket.disconnect()

    run(in_place, script)
    assert "a mistake of ours" in caplog.text


def test_health_says_exactly_what_is_documented(hall: Hall) -> None:
    assert hall.service.health() == {
        "status": "ready",
        "version": "0",
        "consent": CONSENT,
        "device": "cpu",
        "models": ["first", "second"],
        "viewers": 0,
        "capacity": 3,
        "fps": 0.0,
        "queue": 0,
        "drops": {},
    }


def test_health_follows_the_engine_and_the_recorder(hall: Hall) -> None:
    hall.recorder._failure = "OperationalError: no such disk"
    assert hall.service.health()["status"] == "degraded"
    hall.engine.state = "starting"
    assert hall.service.health()["status"] == "starting"


# Waiting for other threads


def test_who_stops_waiting_leaves_the_future_alone_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    future: Future[int] = Future()

    async def script() -> None:
        waiting = asyncio.create_task(outcome_of(future))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        assert not future.cancelled()
        future.set_exception(FrameDropped("superseded"))
        await asyncio.sleep(0)

    asyncio.run(script())
    gc.collect()
    assert caplog.text == ""


def test_a_future_that_ends_after_its_loop_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()

    async def script() -> None:
        waiting = asyncio.create_task(outcome_of(future))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(script())
    future.set_result(1)
    assert caplog.text == ""

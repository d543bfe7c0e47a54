"""Hello and welcome, against an engine that is finished by hand."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from emoweb.live.session.resume import session_of_token
from emoweb.live.socket.states import Closed
from tests.emoweb.hall import AN, BINH, Hall, run, say, settle, show
from tests.emoweb.test_live_protocol import CONSENT


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
    ("options", "code"),
    [
        ({"model": "nobody"}, "unknown_model"),
        ({"model": ""}, "unknown_model"),
        ({"label_set": "ferplus8"}, "unknown_labels"),
        ({"quality": "best"}, "bad_field"),
        ({"model": 7}, "bad_field"),
    ],
)
def test_a_hello_that_cannot_be_fulfilled_may_be_followed_by_another(
    hall: Hall, options: dict[str, Any], code: str
) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT, **options)
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
        await viewer.text_received(text)
        await settle()
        assert [message["code"] for message in wire.messages] == [code]
        assert wire.code == close_code
        assert isinstance(viewer.state, Closed)

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
            await viewer.text_received(json.dumps({"type": "hello", "version": 1, "consent": CONSENT}))
        await settle()
        assert wire.types == ["welcome", "error"]
        assert (wire.messages[-1]["code"], wire.code) == ("unknown_type", 4400)

    run(hall, script)


def test_without_a_hello_the_socket_is_closed_after_ten_seconds(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = hall.arrive()
        hall.clock.now += 9.9
        await viewer.tick()
        assert wire.code is None
        hall.clock.now += 0.2
        await viewer.tick()
        assert wire.code == 4408

    run(hall, script)


def test_the_ten_seconds_do_not_run_while_the_server_starts(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        hall.engine.state = "starting"
        viewer, wire = hall.arrive()
        hall.clock.now += 25
        await viewer.tick()
        assert wire.code is None
        hall.engine.state = "ready"
        hall.clock.now += 9
        await viewer.tick()
        assert wire.code is None

    run(hall, script)


def test_a_server_that_does_not_get_ready_turns_visitors_away(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        hall.engine.state = "starting"
        viewer, wire = hall.arrive()
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert (wire.messages[-1]["code"], wire.code) == ("capacity", 4503)
        assert hall.service.admission.viewers == 0

    run(hall, script)


def test_a_full_server_reports_it(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        for _ in range(3):
            await hall.welcome()
        viewer, wire = hall.arrive(BINH)
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert (wire.messages[-1]["code"], wire.code) == ("capacity", 4503)
        await hall.viewers[0].disconnected()
        await hall.welcome(BINH)

    run(hall, script)


@pytest.mark.parametrize(
    ("language", "locale", "spoken"),
    [("en", "vi-VN", "vi"), ("vi", None, "vi"), ("en", "fr", "en"), ("vi", "en", "en")],
)
def test_errors_are_in_the_visitors_language(
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
            patch.setattr("emoweb.live.socket.viewer.new_session", broken)
            await say(viewer, "hello", version=1, consent=CONSENT)
        assert wire.messages[-1]["code"] == "server_error"
        await say(viewer, "hello", version=1, consent=CONSENT)
        assert wire.types[-1] == "welcome"
        assert hall.service.admission.viewers == 1

    run(hall, script)
    assert "a mistake of ours" in caplog.text

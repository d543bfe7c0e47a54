"""Pauses, settings, goodbyes, figures and hints."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from msgspec.structs import replace

from emoweb.live.session.resume import session_of_token
from recognition import LABEL_SETS, FrameDropped, Head
from tests.emoweb.hall import AN, Hall, run, say, settle, show


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
            await viewer.tick()
        assert wire.code is None
        hall.clock.now += 61
        await viewer.tick()
        await settle()
        assert wire.code is None
        assert "unpaused" in wire.types
        hall.clock.now += 60
        await viewer.tick()
        assert wire.code == 4408

    run(hall, script)


def test_anything_sent_is_a_sign_of_life(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(4):
            hall.clock.now += 50
            await say(viewer, "ping", t=1)
            await viewer.tick()
        assert wire.code is None
        hall.clock.now += 60
        await viewer.tick()
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
        await viewer.disconnected()
        _, again = await hall.welcome(resume=old["resume"])
        assert again.messages[0]["resumed"] is False
        _, again = await hall.welcome(resume=new["resume"])
        assert again.messages[0]["resumed"] is True

    run(hall, script)


def test_labels_that_the_history_cannot_be_a_view_of_open_a_new_session(hall: Hall) -> None:
    """Contempt is not among the seven labels that the first session records."""
    second = Head(LABEL_SETS["ferplus8"], 1.0, None, first=7)
    first = hall.engine.models[0]
    hall.engine.catalogue = (replace(first, more_heads=(second,)), *hall.engine.models[1:])

    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await say(viewer, "settings", label_set="fer5")
        await say(viewer, "settings", label_set="ferplus8")
        welcome, fewer, others = wire.messages
        assert fewer["session"] == welcome["session"]
        assert others["session"] != welcome["session"]
        assert others["labels"] == list(LABEL_SETS["ferplus8"])
        await viewer.disconnected()
        _, again = await hall.welcome(resume=others["resume"])
        assert (again.messages[0]["resumed"], again.messages[0]["label_set"]) == (True, "ferplus8")
        _, again = await hall.welcome(resume=others["resume"], label_set="fer7")
        assert again.messages[0]["resumed"] is False

    run(hall, script)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "nobody"}, "unknown_model"),
        ({"label_set": "ferplus8"}, "unknown_labels"),
        ({"quality": "best"}, "bad_field"),
        ({"quality": 5}, "bad_field"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_change_nothing(
    hall: Hall, options: dict[str, Any], code: str
) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await say(viewer, "settings", **options)
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
        assert hall.service.admission.viewers == 0

    run(hall, script)


def test_a_bye_whose_socket_goes_at_once_still_ends_the_session(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await viewer.text_received('{"type": "bye"}')
        await viewer.disconnected()
        assert hall.service.sessions.has_ended(uuid.UUID(wire.messages[0]["session"]))

    run(hall, script)


def test_stats_tell_how_it_goes(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1, 2, 3)
        hall.engine.finish()
        hall.engine.finish()
        hall.engine.fail(FrameDropped("stale"))
        await settle()
        hall.clock.now += 1.9
        await viewer.tick()
        assert "stats" not in wire.types
        hall.clock.now += 0.2
        await viewer.tick()
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
            await viewer.tick()
        assert wire.types.count("stats") == int((hall.clock.now - 1000) / 2)

    run(hall, script)


def test_a_loaded_server_hints_to_send_less_and_later_allows_more(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()

        async def two_seconds() -> list[dict[str, Any]]:
            before = len(wire.messages)
            hall.clock.now += 2
            await viewer.tick()
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

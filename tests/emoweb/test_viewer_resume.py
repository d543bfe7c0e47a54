"""Lost sockets and sessions that go on."""

from __future__ import annotations

import uuid

import pytest

from emoweb.live.session.resume import issue_token, session_of_token
from emoweb.recordings.models import Sample, Session
from tests.emoweb.hall import AN, BINH, Hall, run, say, settle, show, until
from tests.emoweb.hand_engine import seen
from tests.emoweb.test_live_protocol import CONSENT


def test_sessions_that_are_not_resumed_are_forgotten(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        for _ in range(5):
            viewer, _ = await hall.welcome()
            await viewer.disconnected()
            hall.clock.now += 45
        assert len(hall.service.sessions._known) == 2

    run(hall, script)


def test_a_lost_socket_leaves_its_people_for_a_minute(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        hall.engine.finish(seen(faces=2))
        await settle()
        await viewer.disconnected()
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
        hall.clock.now += 12  # with a socket so long without a frame is an absence again
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
        await viewer.disconnected()
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
        await viewer.disconnected()
        hall.clock.now += 60.1
        late, late_wire = hall.arrive()
        hello = {"version": 1, "consent": CONSENT, "resume": wire.messages[0]["resume"]}
        await say(late, "hello", **hello)
        await until(lambda: bool(late_wire.messages))
        assert late_wire.messages[0]["resumed"] is False

    run(hall, script)


def test_an_open_socket_is_taken_over_with_its_place(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        for _ in range(2):
            await hall.welcome(BINH)
        await show(viewer, 1)
        again, wire_again = await hall.welcome(resume=wire.messages[0]["resume"])
        assert wire.code == 4409
        assert wire_again.messages[0]["resumed"] is True
        assert hall.service.admission.viewers == 3
        await viewer.disconnected()
        assert hall.service.admission.viewers == 3
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
        await viewer.disconnected()
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
        assert viewer.session.frames == 41

    run(hall, script)

"""A live session with a model of whole pictures: its answers, its samples, and changing to it and back."""

from __future__ import annotations

from uuid import UUID

import pytest

from recognition import FrameResult, PictureAnswer, Timing
from tests.emoweb.hall import Hall, run, say, settle, show
from tests.emoweb.hand_engine import card

SIGNS = ("0", "1", "2")
TWO = (0.01, 0.01, 0.98)


def shown(probabilities: tuple[float, ...] = TWO) -> FrameResult:
    """A frame in which a sign is held up."""
    label = SIGNS[probabilities.index(max(probabilities))]
    answer = PictureAnswer(label, max(probabilities), False, probabilities)
    return FrameResult(640, 480, (), Timing(1.0, 0.0, 3.0, queue_ms=0.5), answer)


@pytest.fixture
def hall(hall: Hall) -> Hall:
    """A service that also knows signs, and what a stranger would guess."""
    signs = card("signs", SIGNS, task="hand_signs")
    gender = card("gender", ("men", "women"), task="perceived_gender")
    hall.engine.catalogue = (*hall.engine.models, signs, gender)
    return hall


def test_the_welcome_offers_every_task_except_perceived_gender(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        _, wire = await hall.welcome()
        offered = [
            (model["name"], model["task"], model["label_sets"]) for model in wire.messages[0]["models"]
        ]
        assert [name for name, *_ in offered] == ["first", "second", "signs"]
        assert offered[-1] == ("signs", "hand_signs", ["signs"])
        assert hall.service.status().health()["models"] == ["first", "second", "signs"]

    run(hall, script)


def test_a_guess_at_gender_cannot_be_asked_for_live(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await say(viewer, "settings", model="gender")
        assert wire.messages[-1]["code"] == "unknown_model"

    run(hall, script)


def test_a_result_has_the_sign_and_no_faces(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome(model="signs")
        welcome = wire.messages[0]
        assert (welcome["model"], welcome["label_set"]) == ("signs", "signs")
        assert welcome["labels"] == list(SIGNS)
        await show(viewer, 1)
        assert hall.engine.submitted[0][0].model == "signs"
        hall.engine.finish(shown())
        await settle()
        result = wire.messages[-1]
        assert set(result) == {
            *("type", "seq", "captured_ms", "width", "height", "faces", "timing", "picture"),
        }
        assert result["faces"] == []
        assert result["picture"] == {
            "label": "2",
            "confidence": 0.98,
            "uncertain": False,
            "probabilities": [0.01, 0.01, 0.98],
        }

    run(hall, script)


def test_a_result_of_faces_has_no_picture(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        hall.engine.finish()
        await settle()
        assert "picture" not in wire.messages[-1]

    run(hall, script)


def test_what_is_measured_is_recorded_as_face_0(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome(model="signs")
        record = hall.recorder._records[UUID(wire.messages[0]["session"])]
        await show(viewer, 1)
        hall.engine.finish(shown())
        await show(viewer, 2)
        hall.engine.finish(shown((0.03, 0.95, 0.02)))
        await settle()
        (mean,) = record.averages.take_before()
        assert (mean.second, mean.face, mean.n) == (0, 0, 2)
        assert mean.probabilities == pytest.approx((0.02, 0.48, 0.5))
        assert record.opening is not None
        assert (record.opening.label_set, record.opening.labels) == ("signs", SIGNS)

    run(hall, script)


def test_changing_to_signs_and_back_opens_a_session_each_time(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome(label_set="fer5")
        await show(viewer, 1)
        await say(viewer, "settings", model="signs")
        await show(viewer, 2)
        hall.engine.finish(shown())
        await settle()
        await say(viewer, "settings", model="first")
        await show(viewer, 3)
        hall.engine.finish()
        await settle()
        assert wire.types == ["welcome", "drop", "settings", "result", "settings", "result"]
        assert wire.answers[0] == ("drop", 1, "superseded")
        welcome, _, signs, sign, faces, face = wire.messages
        assert len({welcome["session"], signs["session"], faces["session"]}) == 3
        assert (signs["label_set"], faces["label_set"]) == ("signs", "fer7")
        assert sign["picture"]["label"] == "2"
        assert [one["id"] for one in face["faces"]] == [1]

    run(hall, script)


def test_signs_have_no_set_of_expressions(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome(model="signs")
        await say(viewer, "settings", label_set="fer7")
        assert wire.messages[-1]["code"] == "unknown_labels"

    run(hall, script)


def test_a_resumed_session_goes_on_with_its_sign(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome(model="signs")
        await show(viewer, 1)
        hall.engine.finish(shown())
        await settle()
        await viewer.disconnected()
        hall.clock.now += 20
        viewer, again = await hall.welcome(resume=wire.messages[0]["resume"])
        assert (again.messages[0]["resumed"], again.messages[0]["model"]) == (True, "signs")
        await show(viewer, 1)
        hall.engine.finish(shown((0.97, 0.02, 0.01)))
        await settle()
        # Twenty seconds without a connection are no time in which the sign could have faded.
        assert again.messages[-1]["picture"]["label"] == "2"

    run(hall, script)

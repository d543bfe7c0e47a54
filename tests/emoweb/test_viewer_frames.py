"""Frames and their answers: order, edges, floods."""

from __future__ import annotations

import pytest

from emoweb.live.socket.outbox import MOST_STEPS
from emoweb.live.socket.states import Closed
from recognition import EngineClosed, FrameDropped
from tests.emoweb.hall import Hall, run, settle, show
from tests.emoweb.hand_engine import seen
from tests.emoweb.test_live_protocol import frame


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
        await viewer.frame_received(b"nonsense")
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
            await viewer.frame_received(b"nonsense")
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
                await viewer.frame_received(b"nonsense")
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
            await viewer.frame_received(frame(seq, answered=seq - 1))
        assert wire.code == 4429
        assert isinstance(viewer.state, Closed)
        assert hall.service.admission.viewers == 0

    run(hall, script)


@pytest.mark.parametrize("text", ['{"type": "settings"}', "garbage"])
def test_more_questions_than_are_kept_end_it(hall: Hall, text: str) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        for _ in range(MOST_STEPS):
            viewer._outbox.put(settle)
        await viewer.text_received(text)
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


def test_an_internal_error_is_reported_with_the_frames_seq(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
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


def test_a_disconnect_does_not_cancel_the_engines_frame(hall: Hall) -> None:
    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await show(viewer, 1)
        (_, future), hall.engine.submitted = hall.engine.submitted[0], []
        await viewer.disconnected()
        await settle()
        assert not future.cancelled()
        future.set_result(seen())
        await settle()
        assert wire.types == ["welcome"]

    run(hall, script)

"""The engine on another machine: the same answers over a real HTTP connection, and what happens without."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from threading import Event
from time import monotonic

import msgspec
import numpy as np
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from recognition.engine.engine import LocalEngine
from recognition.engine.queue import LiveFrame
from recognition.errors import EngineBusy, EngineClosed, FrameDropped
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import read_still
from recognition.lab.evaluation.samples import two_faces_bgr, two_faces_file
from recognition.options import STILL_IMAGE_SIZE, STILL_MIN_SCORE, EngineOptions
from recognition.pipeline import ImageRequest
from recognition.remote import wire
from recognition.remote.endpoint import Endpoint
from recognition.remote.opening import open_engine
from recognition.remote.remote_engine import RemoteEngine
from recognition.remote.server import application
from recognition.remote.window import Window
from recognition.served_models import ServedModels
from recognition.types import Box, ClassifiedFace, FrameResult, ImageAnswer, Timing
from tests.processes import free_port
from tests.recognition.engine_server import EngineServer
from tests.recognition.test_engine import jpeg_of

PATIENCE_S = 60.0
EMPTY = FrameResult(64, 48, (), Timing(1, 2, 3))
MODELS = ServedModels.read(default_weights_folder())


def frame(viewer: str = "an", jpeg: bytes | None = None, width: int = 640, height: int = 480) -> LiveFrame:
    data = jpeg_of(two_faces_bgr()) if jpeg is None else jpeg
    return LiveFrame(viewer, data, width, height, MODELS.default.name, "balanced", monotonic())


def reason_of(future: "Future[FrameResult]") -> str:
    with pytest.raises(FrameDropped) as dropped:
        future.result(PATIENCE_S)
    return dropped.value.reason


def wait_for(state: str, engine: RemoteEngine) -> None:
    end = monotonic() + PATIENCE_S
    while engine.state != state:
        assert monotonic() < end, engine.state
        time.sleep(0.02)


@pytest.fixture(scope="module")
def local() -> Iterator[LocalEngine]:
    MODELS.prepare("cpu", default_cache_folder(), print)
    engine = LocalEngine.open(
        default_weights_folder(), default_cache_folder(), "cpu", EngineOptions(max_age_ms=PATIENCE_S * 1000)
    )
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def served(local: LocalEngine) -> Iterator[EngineServer]:
    server = EngineServer(lambda: application(Endpoint(local, wire.cards_of(MODELS))))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def remote(served: EngineServer) -> Iterator[RemoteEngine]:
    """Patient, since a busy machine must not make a good answer late."""
    engine = RemoteEngine(served.url, MODELS, EngineOptions(max_age_ms=PATIENCE_S * 1000))
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    yield engine
    engine.close()


def asked_for(
    answer: Callable[[web.Request], web.Response | Awaitable[web.Response]],
    in_flight: int = 16,
    **options: float,
) -> tuple[EngineServer, RemoteEngine]:
    """A server that says it is the right engine and answers frames as a test wants, and who asks it."""

    async def frames(request: web.Request) -> web.Response:
        await request.read()
        given = answer(request)
        return given if isinstance(given, web.Response) else await given

    async def models(request: web.Request) -> web.Response:
        who = wire.written_models("cpu", wire.cards_of(MODELS), {"fast": 1.5})
        return web.Response(body=who)

    def make() -> web.Application:
        app = web.Application(client_max_size=wire.MAX_IMAGE_BYTES)
        app.router.add_get(wire.MODELS, models)
        app.router.add_post(wire.FRAME, frames)
        app.router.add_post(wire.IMAGE, frames)
        return app

    server = EngineServer(make)
    server.start()
    engine = RemoteEngine(server.url, MODELS, EngineOptions(**options), in_flight)
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    return server, engine


def status(code: int, error: str = "", message: str = "") -> Callable[[web.Request], web.Response]:
    body = msgspec.json.encode(wire.WireError(error, message))
    return lambda request: web.Response(status=code, body=body)


def found(request: web.Request) -> web.Response:
    return web.Response(body=wire.written_result(EMPTY))


# The same answers


def test_a_frame_is_answered_as_the_engine_itself_would(local: LocalEngine, remote: RemoteEngine) -> None:
    own, through = (engine.submit(frame()).result(PATIENCE_S) for engine in (local, remote))

    assert through.faces
    assert [face.box for face in through.faces] == [face.box for face in own.faces]
    for there, here in zip(through.faces, own.faces, strict=True):
        assert there.logits == pytest.approx(here.logits, abs=1e-4)
        assert (there.score, there.confident) == (pytest.approx(here.score), here.confident)
    assert through.timing.queue_ms > 0
    assert (remote.device, remote.detector_ms) == ("cpu", local.detector_ms)


@pytest.mark.parametrize("detail", ["auto", "full"])
def test_a_still_image_is_searched_as_closely_elsewhere(
    local: LocalEngine, remote: RemoteEngine, detail: str
) -> None:
    still = read_still(two_faces_file(), detail)
    image = ImageRequest.of_still(still, MODELS.default.name, STILL_IMAGE_SIZE, STILL_MIN_SCORE, detail)

    own, through = (engine.analyse(image).result(PATIENCE_S) for engine in (local, remote))

    assert (through.detail, through.notes) == (own.detail, own.notes)
    assert [face.box for face in through.faces] == [face.box for face in own.faces]
    assert (own.detail, len(own.faces)) == (detail, 2)


@pytest.mark.parametrize(
    ("name", "value"), [("X-Detail", "best"), ("X-Image-Size", "450"), ("X-Image-Size", "0")]
)
def test_a_still_images_wrong_header_is_named(name: str, value: str) -> None:
    image = ImageRequest(np.zeros((4, 6, 3), np.uint8), "any", 448, detail="auto")
    headers = {**wire.image_headers(image), name: value}
    with pytest.raises(wire.RequestRefused, match=name.lower()):
        wire.read_image({key.lower(): text for key, text in headers.items()}, bytes(72))


def test_an_engine_that_knows_no_detail_is_asked_for_one_pass() -> None:
    image = ImageRequest(np.zeros((4, 6, 3), np.uint8), "any", 448)
    headers = {key.lower(): text for key, text in wire.image_headers(image).items()}
    assert "x-detail" not in headers
    assert wire.read_image(headers, bytes(72)).detail is None


@pytest.mark.parametrize("model", [card.name for card in MODELS.catalogue])
def test_a_still_image_is_answered_as_the_engine_itself_would(
    local: LocalEngine, remote: RemoteEngine, model: str
) -> None:
    still = read_still(two_faces_file())
    image = ImageRequest.of_still(still, model, STILL_IMAGE_SIZE, STILL_MIN_SCORE)

    own, through = (engine.analyse(image).result(PATIENCE_S) for engine in (local, remote))

    assert (through.width, through.height) == (own.width, own.height) == (1280, 720)
    assert [face.box for face in through.faces] == [face.box for face in own.faces]
    assert (own.picture is None) == (through.picture is None)
    if own.picture is not None and through.picture is not None:
        assert through.picture.label == own.picture.label
        assert through.picture.probabilities == pytest.approx(own.picture.probabilities, abs=1e-5)


def test_a_frame_that_is_no_image_is_the_senders_fault(remote: RemoteEngine) -> None:
    assert reason_of(remote.submit(frame(jpeg=b"\xff\xd8 no more"))) == "bad_image"
    assert remote.state == "ready"


def test_a_model_that_is_not_served_there_is_a_failure(remote: RemoteEngine) -> None:
    assert reason_of(remote.submit(dataclasses.replace(frame(), model="nobody"))) == "failed"


# What a network does


def test_a_slow_engine_is_given_up_and_the_next_frame_is_answered() -> None:
    slow = [True]

    async def answer(request: web.Request) -> web.Response:
        if slow[0]:
            await asyncio.sleep(PATIENCE_S)
        return found(request)

    server, engine = asked_for(answer, max_age_ms=300)
    started = monotonic()
    assert reason_of(engine.submit(frame())) == "failed"
    assert monotonic() - started < PATIENCE_S / 2
    slow[0] = False
    assert engine.submit(frame()).result(PATIENCE_S).faces == ()
    engine.close()
    server.stop()


@pytest.mark.parametrize(
    ("code", "error", "reason"),
    [
        (429, "superseded", "superseded"),
        (429, "busy", "stale"),
        (503, "", "stale"),
        (400, "bad_image", "bad_image"),
        (400, "bad_request", "failed"),
        (500, "failed", "failed"),
        (404, "", "failed"),
    ],
)
def test_each_refusal_is_one_documented_drop(code: int, error: str, reason: str) -> None:
    server, engine = asked_for(status(code, error), max_age_ms=PATIENCE_S * 1000)
    assert reason_of(engine.submit(frame())) == reason
    assert engine.stats().drops == {reason: 1}
    engine.close()
    server.stop()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"faces": 1}', b"<html>"])
def test_an_answer_that_is_none_is_a_failure(body: bytes) -> None:
    server, engine = asked_for(lambda request: web.Response(body=body), max_age_ms=PATIENCE_S * 1000)
    assert reason_of(engine.submit(frame())) == "failed"
    engine.close()
    server.stop()


def test_an_engine_that_vanishes_is_missed_and_found_again() -> None:
    server, engine = asked_for(found, max_age_ms=PATIENCE_S * 1000)
    server.stop()
    for _ in range(3):
        assert reason_of(engine.submit(frame())) == "failed"
    wait_for("degraded", engine)
    server.start()
    wait_for("ready", engine)
    assert engine.submit(frame()).result(PATIENCE_S).faces == ()
    engine.close()
    server.stop()


def test_an_engine_that_never_came_is_not_ready_and_still_closes() -> None:
    engine = open_engine(
        default_weights_folder(), default_cache_folder(), url=f"http://127.0.0.1:{free_port()}"
    )
    engine.start()
    assert not asyncio.run(engine.ready(0.2))
    assert engine.state == "starting"
    assert engine.stats().failure is None
    engine.close()
    with pytest.raises(EngineClosed):
        engine.submit(frame()).result(PATIENCE_S)


def test_an_engine_with_other_weights_is_refused_by_name(served: EngineServer) -> None:
    other = ServedModels(
        MODELS.folder, replace(MODELS.detector, sha256="0" * 64), MODELS.primary, MODELS.others
    )
    engine = RemoteEngine(served.url, other)
    engine.start()
    assert not asyncio.run(engine.ready(PATIENCE_S))
    assert engine.stats().failure == (
        f"The engine at {served.url} has other weights than this server for {MODELS.detector.name}; "
        "give both the same weights folder."
    )
    engine.close()


def test_one_frame_a_viewer_waits_while_others_are_on_their_way() -> None:
    came, go_on = Event(), Event()

    async def answer(request: web.Request) -> web.Response:
        came.set()
        await asyncio.to_thread(go_on.wait, PATIENCE_S)
        return found(request)

    server, engine = asked_for(answer, in_flight=1, max_age_ms=PATIENCE_S * 1000)
    first = engine.submit(frame("an"))
    assert came.wait(PATIENCE_S)
    second, third, other = (engine.submit(frame(viewer)) for viewer in ("an", "an", "binh"))
    deadline = monotonic() + PATIENCE_S
    while not second.done():
        assert monotonic() < deadline
        time.sleep(0.01)
    assert reason_of(second) == "superseded"
    engine.discard("binh", "paused")
    assert reason_of(other) == "paused"
    go_on.set()
    assert first.result(PATIENCE_S).faces == third.result(PATIENCE_S).faces == ()
    engine.close()
    server.stop()


def test_closing_ends_what_waits_and_what_is_on_its_way() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(PATIENCE_S)
        return found(request)

    server, engine = asked_for(answer, in_flight=1, max_age_ms=PATIENCE_S * 1000)
    still = ImageRequest(np.zeros((4, 4, 3), np.uint8), MODELS.default.name, 320)
    futures = [engine.submit(frame("an")), engine.submit(frame("binh")), engine.analyse(still)]
    time.sleep(0.2)
    engine.close()
    for future in futures:
        with pytest.raises(EngineClosed):
            future.result(PATIENCE_S)
    server.stop()


def test_too_many_images_at_once_are_refused() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(PATIENCE_S)
        return found(request)

    server, engine = asked_for(answer, max_stills=1)
    still = ImageRequest(np.zeros((4, 4, 3), np.uint8), MODELS.default.name, 320)
    engine.analyse(still)
    with pytest.raises(EngineBusy):
        engine.analyse(still)
    engine.close()
    server.stop()


# How many at a time


def test_the_window_opens_while_answers_come_in_time_and_closes_when_they_do_not() -> None:
    window = Window(most=8, in_time_s=0.2)
    now = 0.0
    for _ in range(200):
        window.answered(now, now + 0.1)
        now += 0.1
    assert window.size == 8
    window.answered(now, now + 0.3)
    assert window.size == 6
    window.lost(now + 1, now + 2)
    assert window.size == 3


def test_frames_that_were_lost_together_close_the_window_once() -> None:
    window = Window(most=8, in_time_s=0.2)
    for step in range(200):
        window.answered(step, step + 0.1)
    for _ in range(8):
        window.lost(300.0, 300.4)
    assert window.size == 4


@given(st.lists(st.tuples(st.sampled_from(["answered", "lost"]), st.floats(0, 1)), max_size=100))
def test_the_window_always_lets_one_frame_through_and_never_too_many(steps: list[tuple[str, float]]) -> None:
    window, now = Window(most=5, in_time_s=0.2), 0.0
    for what, took in steps:
        getattr(window, what)(now, now + took)
        now += took
        assert 1 <= window.size <= 5


# What travels

fractions = st.floats(0, 1, width=32)
faces = st.builds(
    ClassifiedFace,
    st.builds(Box, fractions, fractions, fractions, fractions),
    fractions,
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=15).map(
        lambda logits: np.array(logits, np.float32)
    ),
    st.booleans(),
)
results = st.builds(
    FrameResult,
    st.integers(1, 1920),
    st.integers(1, 1920),
    st.lists(faces, max_size=4).map(tuple),
    st.builds(Timing, *[st.floats(0, 1000)] * 4),
    st.none() | st.builds(ImageAnswer, st.text(), fractions, st.booleans(), st.lists(fractions).map(tuple)),
)


@given(results)
def test_a_result_travels_without_loss(result: FrameResult) -> None:
    read = wire.read_result(wire.written_result(result))

    assert (read.width, read.height, read.timing, read.picture) == (
        result.width,
        result.height,
        result.timing,
        result.picture,
    )
    for there, here in zip(read.faces, result.faces, strict=True):
        assert (there.box, there.score, there.confident) == (here.box, here.score, here.confident)
        assert np.array_equal(there.logits, here.logits)


HEADERS = ("x-width", "x-height", "x-quality", "x-viewer", "x-model", "x-image-size", "x-min-score")


@given(st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=30)), st.binary(max_size=60))
def test_any_headers_are_read_or_refused(headers: dict[str, str], body: bytes) -> None:
    for read in (wire.read_frame, wire.read_image):
        with contextlib.suppress(wire.RequestRefused):
            read(headers, body)


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("GET", "/v1/frame", {}, 404),
        ("POST", "/v1/other", {}, 404),
        ("POST", "/v1/frame", {"x-model": "nobody"}, 400),
        ("POST", "/v1/frame", {"x-model": MODELS.default.name}, 400),
        ("POST", "/v1/picture", {"x-model": MODELS.default.name, "x-width": "9", "x-height": "9"}, 400),
    ],
)
def test_requests_that_nobody_can_answer_are_refused(
    local: LocalEngine, method: str, path: str, headers: dict[str, str], expected: int
) -> None:
    reply = asyncio.run(Endpoint(local, {}).answer(method, path, headers, b"x"))

    assert reply.status == expected
    assert wire.read_error(reply.body).message.endswith(".")

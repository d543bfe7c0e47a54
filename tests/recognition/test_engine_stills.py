"""Still images beside live frames: they wait, but not for ever, and each ends alone."""

import asyncio
from collections.abc import Generator, Iterator, Sequence
from threading import Event

import numpy as np
import pytest

from recognition.engine.engine import LocalEngine
from recognition.engine.stills import StillQueue
from recognition.errors import EngineBusy, EngineClosed, FrameDropped, ModelUnknown
from recognition.options import EngineOptions
from recognition.pipeline import ImageRequest
from recognition.types import FrameResult, Timing
from tests.emoweb.hand_engine import card

PATIENCE_S = 60
OPTIONS = EngineOptions(max_stills=3, batches_first=2)


def still(model: str = "places") -> ImageRequest:
    return ImageRequest(np.zeros((4, 6, 3), np.uint8), model, 448)


class HandPipeline:
    """Waits until it may go on, and fails for the model `bad`."""

    def __init__(self) -> None:
        self.may_go_on = Event()
        self.may_go_on.set()
        self.started = Event()

    def recognize(self, images: Sequence[ImageRequest]) -> list[FrameResult]:
        self.started.set()
        assert self.may_go_on.wait(PATIENCE_S)
        if images[0].model == "bad":
            raise ZeroDivisionError
        return [FrameResult(image.width, image.height, (), Timing(0, 0, 0)) for image in images]

    def recognize_still(self, image: ImageRequest) -> Generator[None, None, FrameResult]:
        yield
        return self.recognize([image])[0]


@pytest.fixture
def hand() -> HandPipeline:
    return HandPipeline()


@pytest.fixture
def engine(hand: HandPipeline) -> Iterator[LocalEngine]:
    engine = LocalEngine(lambda: hand, (), "cpu", OPTIONS)  # type: ignore[arg-type, return-value]
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    yield engine
    hand.may_go_on.set()
    engine.close()


def test_an_image_is_taken_at_once_where_no_frame_waits() -> None:
    queue = StillQueue(OPTIONS)
    queue.put(still())
    assert queue.take(frames_wait=False) is not None
    assert queue.take(frames_wait=False) is None


def test_live_frames_go_first_but_an_image_does_not_wait_for_ever() -> None:
    queue = StillQueue(OPTIONS)
    for _ in range(2):
        queue.put(still())
    taken = [queue.take(frames_wait=True) is not None for _ in range(6)]
    assert taken == [False, False, True, False, False, True]


def test_who_finds_the_queue_full_is_reported() -> None:
    queue = StillQueue(OPTIONS)
    for _ in range(3):
        queue.put(still())
    with pytest.raises(EngineBusy, match="again"):
        queue.put(still())
    assert len(queue) == 3
    assert len(queue.empty()) == 3


def test_the_engine_answers_an_image(engine: LocalEngine) -> None:
    result = engine.analyse(still()).result(PATIENCE_S)
    assert (result.width, result.height) == (6, 4)


def test_an_image_that_fails_ends_itself_alone(engine: LocalEngine) -> None:
    bad, good = engine.analyse(still("bad")), engine.analyse(still())
    with pytest.raises(FrameDropped):
        bad.result(PATIENCE_S)
    assert good.result(PATIENCE_S).width == 6
    assert engine.state == "ready"


def test_an_image_that_nobody_waits_for_any_more_is_left_out(engine: LocalEngine, hand: HandPipeline) -> None:
    hand.may_go_on.clear()
    first = engine.analyse(still())
    assert hand.started.wait(PATIENCE_S)
    given_up = engine.analyse(still("bad"))
    assert given_up.cancel()
    hand.may_go_on.set()
    assert first.result(PATIENCE_S).width == 6
    assert engine.analyse(still()).result(PATIENCE_S).width == 6


def test_images_in_flight_end_when_the_engine_closes(engine: LocalEngine, hand: HandPipeline) -> None:
    hand.may_go_on.clear()
    engine.analyse(still())
    assert hand.started.wait(PATIENCE_S)
    waiting = engine.analyse(still())
    hand.may_go_on.set()
    engine.close()
    with pytest.raises(EngineClosed):
        engine.analyse(still())
    assert waiting.done()


def test_images_end_where_the_models_cannot_be_loaded() -> None:
    may_fail = Event()

    def fail() -> None:
        assert may_fail.wait(PATIENCE_S)
        raise ZeroDivisionError("no models")

    engine = LocalEngine(fail, (), "cpu")  # type: ignore[arg-type, return-value]
    engine.start()
    waiting = engine.analyse(still())
    may_fail.set()
    with pytest.raises(EngineClosed):
        waiting.result(PATIENCE_S)


def test_live_frames_go_between_the_steps_of_an_image() -> None:
    queue = StillQueue(OPTIONS)
    queue.put(still())
    queue.put(still("later"))
    started = queue.take(frames_wait=False)
    assert started is not None
    queue.put_back(started)
    order = [queue.take(frames_wait=True) for _ in range(3)]
    # Two live batches first, then the next step of the image that was started, not the one behind it.
    assert order == [None, None, started]


def test_a_model_that_is_not_served_is_named_to_the_caller(hand: HandPipeline) -> None:
    engine = LocalEngine(lambda: hand, (card("first"),), "cpu", OPTIONS)  # type: ignore[arg-type, return-value]
    with pytest.raises(ModelUnknown, match="nobody"):
        engine.analyse(still("nobody"))

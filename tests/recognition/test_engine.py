"""The engine: every frame gets one outcome, bad ones end alone, and it closes cleanly."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from time import monotonic

import cv2
import numpy as np
import pytest

from recognition.devices import resolve_device
from recognition.engine.engine import LocalEngine
from recognition.engine.queue import LiveFrame
from recognition.engine.session import LiveSession
from recognition.errors import DeviceUnavailable, EngineClosed, FrameDropped
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import read_still
from recognition.lab.evaluation.samples import two_faces_bgr, two_faces_file
from recognition.options import STILL_IMAGE_SIZE, STILL_MIN_SCORE
from recognition.pipeline import ImageRequest, Pipeline
from recognition.served_models import ServedModels
from recognition.types import Box, ClassifiedFace, FrameResult, Timing

PATIENCE_S = 60


class HandPipeline:
    """Answers like a Pipeline, but fails or waits where a test says so."""

    def __init__(self) -> None:
        self.before: Callable[[Sequence[ImageRequest]], None] = lambda images: None

    def recognize(self, images: Sequence[ImageRequest]) -> list[FrameResult]:
        self.before(images)
        face = ClassifiedFace(Box(0.1, 0.1, 0.2, 0.2), 0.9, np.zeros(7, np.float32))
        return [FrameResult(64, 48, (face,), Timing(0, 0, 0)) for _ in images]


def jpeg_of(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


SMALL_JPEG = jpeg_of(np.zeros((48, 64, 3), np.uint8))


def small_frame(viewer: str, jpeg: bytes = SMALL_JPEG, width: int = 64) -> LiveFrame:
    return LiveFrame(viewer, jpeg, width, 48, "se_resnet", "balanced", monotonic())


def reason_of(future: "Future[FrameResult]") -> str:
    with pytest.raises(FrameDropped) as dropped:
        future.result(PATIENCE_S)
    return dropped.value.reason


@pytest.fixture
def hand() -> HandPipeline:
    return HandPipeline()


@pytest.fixture
def engine(hand: HandPipeline) -> Iterator[LocalEngine]:
    engine = LocalEngine(lambda: hand, (), "cpu")  # type: ignore[arg-type, return-value]
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def real_engine() -> Iterator[LocalEngine]:
    models = ServedModels.read(default_weights_folder())
    models.prepare("cpu", default_cache_folder(), print)
    engine = LocalEngine.open(default_weights_folder(), default_cache_folder(), "cpu")
    engine.start()
    assert asyncio.run(engine.ready(PATIENCE_S))
    yield engine
    engine.close()


def real_frame(quality: str = "balanced") -> LiveFrame:
    jpeg = jpeg_of(two_faces_bgr())
    # Received "now" when the worker takes it: a slow machine must not make it stale.
    return LiveFrame("an", jpeg, 640, 480, "se_resnet", quality, monotonic() + PATIENCE_S)


# At 256 pixels the detector misses the face in half profile.
@pytest.mark.parametrize(("quality", "least"), [("fast", 1), ("balanced", 2), ("far", 2)])
def test_people_are_found_at_every_quality(real_engine: LocalEngine, quality: str, least: int) -> None:
    result = real_engine.submit(real_frame(quality)).result(PATIENCE_S)

    assert least <= sum(face.confident for face in result.faces) <= 2
    outputs = real_engine.models[0].outputs
    assert all(face.logits.shape == (outputs,) for face in result.faces)
    assert list(result.faces) == sorted(result.faces, key=lambda face: -face.score)
    assert result.timing.detect_ms > 0


def test_a_still_image_gets_what_predict_gives_it(real_engine: LocalEngine) -> None:
    still = read_still(two_faces_file())
    models = ServedModels.read(default_weights_folder())
    alone = Pipeline.open(models, "cpu", default_cache_folder(), min_score=STILL_MIN_SCORE)
    (expected,) = alone.recognize([ImageRequest.of_still(still, "se_resnet", STILL_IMAGE_SIZE)])

    image = ImageRequest.of_still(still, "se_resnet", STILL_IMAGE_SIZE, STILL_MIN_SCORE)
    result = real_engine.analyse(image).result(PATIENCE_S)

    assert (result.width, result.height) == (1280, 720)
    assert [face.box for face in result.faces] == [face.box for face in expected.faces]
    for one, other in zip(result.faces, expected.faces, strict=True):
        assert one.logits == pytest.approx(other.logits, abs=1e-4)


def test_a_session_names_both_people_in_both_label_sets(real_engine: LocalEngine) -> None:
    session = LiveSession(real_engine.models[0], "fer7")
    result = real_engine.submit(real_frame()).result(PATIENCE_S)

    people = session.update(result, 0.0)
    session.change_label_set("fer5")
    again = session.update(result, 0.1)

    assert [face.id for face in people] == [face.id for face in again]
    for face, labels in [*((f, 7) for f in people), *((f, 5) for f in again)]:
        assert len(face.probabilities) == labels
        assert sum(face.probabilities) == pytest.approx(1, abs=1e-4)
        assert sum(face.measured) == pytest.approx(1, abs=1e-4)
    assert all(face.label in session.labels for face in again)


def test_what_is_no_jpeg_or_another_size_is_a_bad_image(engine: LocalEngine) -> None:
    assert reason_of(engine.submit(small_frame("an", b"nonsense"))) == "bad_image"
    assert reason_of(engine.submit(small_frame("an", width=65))) == "bad_image"
    assert engine.submit(small_frame("an")).result(PATIENCE_S).faces


def test_a_frame_that_makes_the_worker_raise_ends_only_itself(
    engine: LocalEngine, hand: HandPipeline
) -> None:
    def refuse_wide(images: Sequence[ImageRequest]) -> None:
        if any(image.image_bgr.shape[1] == 96 for image in images):
            raise RuntimeError("this image breaks the network")

    hand.before = refuse_wide
    wide = jpeg_of(np.zeros((48, 96, 3), np.uint8))
    futures = [
        engine.submit(small_frame("an")),
        engine.submit(small_frame("binh", wide, 96)),
        engine.submit(small_frame("chi")),
    ]

    assert reason_of(futures[1]) == "failed"
    assert futures[0].result(PATIENCE_S).faces
    assert futures[2].result(PATIENCE_S).faces


def test_three_failures_of_two_viewers_make_it_degraded_until_the_next_success(
    engine: LocalEngine, hand: HandPipeline
) -> None:
    def refuse(images: Sequence[ImageRequest]) -> None:
        raise RuntimeError("no memory")

    hand.before = refuse
    for viewer in ("an", "an", "an"):
        reason_of(engine.submit(small_frame(viewer)))
    assert engine.state == "ready"
    reason_of(engine.submit(small_frame("binh")))
    assert engine.state == "degraded"

    hand.before = lambda images: None
    engine.submit(small_frame("an")).result(PATIENCE_S)
    assert engine.state == "ready"


def test_closing_ends_every_frame_in_flight(engine: LocalEngine, hand: HandPipeline) -> None:
    entered: Future[None] = Future()
    released: Future[None] = Future()

    def wait(images: Sequence[ImageRequest]) -> None:
        entered.set_result(None)
        released.result(PATIENCE_S)

    hand.before = wait
    engine.submit(small_frame("an"))
    entered.result(PATIENCE_S)
    waiting = engine.submit(small_frame("binh"))
    released.set_result(None)
    engine.close()

    assert isinstance(waiting.exception(PATIENCE_S), EngineClosed) or waiting.result().faces
    assert isinstance(engine.submit(small_frame("an")).exception(PATIENCE_S), EngineClosed)


def test_a_discarded_frame_ends_with_the_reason_given(engine: LocalEngine, hand: HandPipeline) -> None:
    entered: Future[None] = Future()
    released: Future[None] = Future()

    def wait(images: Sequence[ImageRequest]) -> None:
        if not entered.done():
            entered.set_result(None)
        released.result(PATIENCE_S)

    hand.before = wait
    engine.submit(small_frame("binh"))
    entered.result(PATIENCE_S)
    waiting = engine.submit(small_frame("an"))
    engine.discard("an", "paused")
    released.set_result(None)

    assert reason_of(waiting) == "paused"
    assert engine.stats().drops == {"paused": 1}


def test_models_that_cannot_be_loaded_are_reported_and_never_ready() -> None:
    def fail() -> HandPipeline:
        raise OSError("no such file")

    engine = LocalEngine(fail, (), "cpu")  # type: ignore[arg-type]
    engine.start()

    assert not asyncio.run(engine.ready(PATIENCE_S))
    assert "no such file" in str(engine.stats().failure)
    engine.close()


def test_an_unknown_device_is_refused_with_what_to_do() -> None:
    with pytest.raises(DeviceUnavailable, match="DEVICE"):
        resolve_device("gpu7")
    with pytest.raises(DeviceUnavailable, match="DEVICE"):
        resolve_device("cuda:99")

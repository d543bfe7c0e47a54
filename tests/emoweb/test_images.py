"""Bytes in, what `predict` prints out; everything else is a refusal with a code, a status and a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import cv2
import numpy as np
import pytest

from emoweb import engines
from emoweb.images import analysis
from emoweb.images.analysis import ConcurrencyLimit, LimitReached, analyse
from emoweb.images.formats import accepted
from emoweb.images.refusals import MAX_IMAGE_BYTES, STATUS, ImageRefused, sentences
from recognition import EngineBusy, EngineClosed, FrameDropped, FrameResult, RecognitionError
from tests.emoweb.image_engine import ImageEngine, huge_png, image_bytes, turned
from tests.recognition.image_formats import two_colours, written

BAD = {
    "empty body": (b"", "empty"),
    "text named .jpg": (b"Dear diary, today", "unsupported_type"),
    "SVG with script": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "unsupported_type",
    ),
    "cut GIF": (b"GIF89a\xff\xff\xff\xff", "bad_image"),
    "TIFF": (image_bytes(suffix=".tiff"), "unsupported_type"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "unsupported_type"),
    "cut HEIC": (written(two_colours(), "heic")[:-40], "bad_image"),
    "cut AVIF": (written(two_colours(), "avif")[:-40], "bad_image"),
    "PDF": (b"%PDF-1.7", "unsupported_type"),
    "ZIP": (b"PK\x03\x04", "unsupported_type"),
    "cut JPEG": (image_bytes()[:-40], "bad_image"),
    "cut PNG": (image_bytes(suffix=".png")[:-40], "bad_image"),
    "cut WebP": (image_bytes(suffix=".webp")[:-40], "bad_image"),
    "20,000 x 20,000 PNG": (huge_png(), "too_many_pixels"),
    "over 20 MB": (b"\xff\xd8" + b"\0" * MAX_IMAGE_BYTES, "too_large"),
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageEngine]:
    """The site's engine."""
    engine = ImageEngine()
    monkeypatch.setattr(engines, "current", lambda: engine)
    return engine


def ask(data: bytes, model: str | None = None, label_set: str | None = None) -> dict[str, Any]:
    return analyse(data, model=model, label_set=label_set, name="holiday.jpg")


def refused(data: bytes = b"", **options: str) -> ImageRefused:
    with pytest.raises(ImageRefused) as refusal:
        ask(data, **options)
    return refusal.value


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".gif", ".avif"])
def test_each_kind_is_answered_as_predict_prints_it(engine: ImageEngine, suffix: str) -> None:
    answer = ask(image_bytes(suffix=suffix))
    assert list(answer) == ["file", "width", "height", "faces", "detail"]
    assert (answer["file"], answer["width"], answer["height"]) == ("holiday.jpg", 64, 48)
    (face,) = answer["faces"]
    assert list(face) == ["box", "score", "label", "confidence", "probabilities", "uncertain"]
    assert face["label"] == "happy"
    assert len(face["probabilities"]) == 7


def test_a_phones_heic_is_answered(engine: ImageEngine) -> None:
    assert ask(written(two_colours(128, 96), "heic"))["width"] == 128


def test_a_jpeg_without_its_end_marker_is_answered(engine: ImageEngine) -> None:
    assert ask(image_bytes()[:-2])["faces"]


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_an_operator_may_switch_formats_off(
    engine: ImageEngine, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("EXTRA_IMAGE_FORMATS", "off")
    refusal = refused(written(two_colours(), kind))
    assert refusal.code == "unsupported_type"
    assert kind.upper() not in refusal.message
    assert "GIF" in refusal.message
    assert kind not in accepted()


def test_a_label_set_is_a_view_of_the_models_labels(engine: ImageEngine) -> None:
    (face,) = ask(image_bytes(), label_set="fer5")["faces"]
    assert list(face["probabilities"]) == ["angry", "happy", "sad", "surprise", "neutral"]


def test_a_whole_image_answer_has_no_faces(engine: ImageEngine) -> None:
    answer = ask(image_bytes(), model="places", label_set="places")
    assert answer["faces"] == []
    assert answer["picture"] == {
        "label": "pantheon",
        "confidence": 0.7,
        "uncertain": False,
        "probabilities": {"colosseum": 0.2, "pantheon": 0.7, "rialto_bridge": 0.1},
    }


def test_the_orientation_tag_is_honoured(engine: ImageEngine) -> None:
    answer = ask(turned(image_bytes(64, 48)))
    assert (answer["width"], answer["height"]) == (48, 64)
    assert engine.looked_at[0].image_bgr.shape == (64, 48, 3)


def test_a_large_image_is_decoded_reduced_and_keeps_its_full_size(engine: ImageEngine) -> None:
    wide = cv2.imencode(".jpg", np.zeros((4000, 12_000), np.uint8))[1].tobytes()
    answer = ask(turned(wide))
    assert (answer["width"], answer["height"]) == (4000, 12_000)
    assert engine.looked_at[0].image_bgr.shape == (6000, 2000, 3)


def test_faces_are_looked_for_as_predict_does(engine: ImageEngine) -> None:
    ask(image_bytes())
    assert (engine.looked_at[0].image_size, engine.looked_at[0].min_score) == (448, 0.25)


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_before_the_engine_sees_it(engine: ImageEngine, what: str) -> None:
    data, code = BAD[what]
    assert refused(data).code == code
    assert engine.looked_at == []


def test_every_refusal_has_its_status_and_its_sentence() -> None:
    assert set(sentences()) == set(STATUS)
    for code in STATUS:
        assert ImageRefused(code).message.endswith(".")
        assert ImageRefused(code).status in {400, 413, 415, 500, 503}


def test_a_model_or_labels_that_are_not_served_are_refused(engine: ImageEngine) -> None:
    assert refused(image_bytes(), model="nobody").code == "unknown_model"
    assert refused(image_bytes(), model="places", label_set="fer7").code == "unknown_labels"


@pytest.mark.parametrize("trouble", [EngineBusy("full"), EngineClosed("stopped")])
def test_an_engine_that_takes_no_image_is_busy(engine: ImageEngine, trouble: RecognitionError) -> None:
    engine.trouble = trouble
    assert refused(image_bytes()).code == "busy"


def test_an_image_that_makes_the_engine_fail_is_reported(engine: ImageEngine) -> None:
    engine.failure = FrameDropped("failed")
    assert refused(image_bytes()).code == "failed"
    engine.failure = None
    assert ask(image_bytes())["faces"]


def test_an_engine_that_does_not_answer_is_waited_for_a_limited_time(
    engine: ImageEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: Future[FrameResult] = Future()
    monkeypatch.setattr(engine, "analyse", lambda image: waiting)
    monkeypatch.setattr(analysis, "ANSWER_S", 0.01)
    assert refused(image_bytes()).code == "busy"
    assert waiting.cancelled()


def test_one_is_admitted_a_few_wait_and_the_rest_are_refused() -> None:
    limit, inside, leave = ConcurrencyLimit(max_waiting=1), threading.Event(), threading.Event()

    def hold() -> None:
        with limit.admit():
            inside.set()
            leave.wait(10)

    def wait() -> None:
        with limit.admit():
            pass

    threads = [threading.Thread(target=hold), threading.Thread(target=wait)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    while limit._count < 2:
        threading.Event().wait(0.005)
    with pytest.raises(LimitReached), limit.admit():
        pass
    leave.set()
    for thread in threads:
        thread.join(10)
    with limit.admit():
        assert limit._count == 1


def test_the_wait_for_admission_is_limited_and_a_failure_releases_it() -> None:
    limit = ConcurrencyLimit(max_wait_s=0.01)
    with pytest.raises(ZeroDivisionError), limit.admit():
        raise ZeroDivisionError
    with limit.admit(), pytest.raises(LimitReached), limit.admit():
        pass
    assert limit._count == 0

"""Bytes in, what `predict` prints out; everything else is a refusal with a code, a status and a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from emoweb.live import service
from emoweb.photo import analysis
from emoweb.photo.analysis import analyse
from emoweb.photo.formats import accepted
from emoweb.photo.refusals import MAX_PICTURE_BYTES, STATUS, PictureRefused, sentences
from emoweb.photo.turns import NoTurn, Turns
from recognition import EngineBusy, EngineClosed, FrameDropped, FrameResult, RecognitionError
from tests.emoweb.picture_engine import PictureEngine, huge_png, picture_bytes, turned
from tests.recognition.image_formats import two_colours, written

BAD = {
    "empty body": (b"", "empty"),
    "text named .jpg": (b"Dear diary, today", "unsupported_type"),
    "SVG with script": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "unsupported_type",
    ),
    "cut GIF": (b"GIF89a\xff\xff\xff\xff", "bad_image"),
    "TIFF": (picture_bytes(suffix=".tiff"), "unsupported_type"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "unsupported_type"),
    "cut HEIC": (written(two_colours(), "heic")[:-40], "bad_image"),
    "cut AVIF": (written(two_colours(), "avif")[:-40], "bad_image"),
    "PDF": (b"%PDF-1.7", "unsupported_type"),
    "ZIP": (b"PK\x03\x04", "unsupported_type"),
    "cut JPEG": (picture_bytes()[:-40], "bad_image"),
    "cut PNG": (picture_bytes(suffix=".png")[:-40], "bad_image"),
    "cut WebP": (picture_bytes(suffix=".webp")[:-40], "bad_image"),
    "20,000 x 20,000 PNG": (huge_png(), "too_many_pixels"),
    "over 20 MB": (b"\xff\xd8" + b"\0" * MAX_PICTURE_BYTES, "too_large"),
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[PictureEngine]:
    """The site's engine."""
    engine = PictureEngine()
    monkeypatch.setattr(service, "current", lambda: SimpleNamespace(engine=engine))
    return engine


def ask(data: bytes, model: str | None = None, label_set: str | None = None) -> dict[str, Any]:
    return analyse(data, model=model, label_set=label_set, name="holiday.jpg")


def refused(data: bytes = b"", **options: str) -> PictureRefused:
    with pytest.raises(PictureRefused) as refusal:
        ask(data, **options)
    return refusal.value


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".gif", ".avif"])
def test_each_kind_is_answered_as_predict_prints_it(engine: PictureEngine, suffix: str) -> None:
    answer = ask(picture_bytes(suffix=suffix))
    assert list(answer) == ["file", "width", "height", "faces", "detail"]
    assert (answer["file"], answer["width"], answer["height"]) == ("holiday.jpg", 64, 48)
    (face,) = answer["faces"]
    assert list(face) == ["box", "score", "label", "confidence", "probabilities"]
    assert face["label"] == "happy"
    assert len(face["probabilities"]) == 7


def test_a_phones_heic_is_answered(engine: PictureEngine) -> None:
    assert ask(written(two_colours(128, 96), "heic"))["width"] == 128


def test_a_jpeg_without_its_end_marker_is_answered(engine: PictureEngine) -> None:
    assert ask(picture_bytes()[:-2])["faces"]


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_an_operator_may_switch_formats_off(
    engine: PictureEngine, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("EXTRA_IMAGE_FORMATS", "off")
    refusal = refused(written(two_colours(), kind))
    assert refusal.code == "unsupported_type"
    assert kind.upper() not in refusal.message
    assert "GIF" in refusal.message
    assert kind not in accepted()


def test_a_label_set_is_a_view_of_the_models_labels(engine: PictureEngine) -> None:
    (face,) = ask(picture_bytes(), label_set="fer5")["faces"]
    assert list(face["probabilities"]) == ["angry", "happy", "sad", "surprise", "neutral"]


def test_a_whole_picture_is_answered_beside_no_faces(engine: PictureEngine) -> None:
    answer = ask(picture_bytes(), model="places", label_set="places")
    assert answer["faces"] == []
    assert answer["picture"] == {
        "label": "pantheon",
        "confidence": 0.7,
        "uncertain": False,
        "probabilities": {"colosseum": 0.2, "pantheon": 0.7, "rialto_bridge": 0.1},
    }


def test_the_orientation_tag_is_honoured(engine: PictureEngine) -> None:
    answer = ask(turned(picture_bytes(64, 48)))
    assert (answer["width"], answer["height"]) == (48, 64)
    assert engine.looked_at[0].image_bgr.shape == (64, 48, 3)


def test_a_large_picture_is_decoded_reduced_and_its_full_size_is_returned(engine: PictureEngine) -> None:
    wide = cv2.imencode(".jpg", np.zeros((4000, 12_000), np.uint8))[1].tobytes()
    answer = ask(turned(wide))
    assert (answer["width"], answer["height"]) == (4000, 12_000)
    assert engine.looked_at[0].image_bgr.shape == (6000, 2000, 3)


def test_faces_are_looked_for_as_predict_does(engine: PictureEngine) -> None:
    ask(picture_bytes())
    assert (engine.looked_at[0].image_size, engine.looked_at[0].min_score) == (448, 0.25)


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_before_the_engine_sees_it(engine: PictureEngine, what: str) -> None:
    data, code = BAD[what]
    assert refused(data).code == code
    assert engine.looked_at == []


def test_every_refusal_has_its_status_and_its_sentence() -> None:
    assert set(sentences()) == set(STATUS)
    for code in STATUS:
        assert PictureRefused(code).message.endswith(".")
        assert PictureRefused(code).status in {400, 413, 415, 500, 503}


def test_a_model_or_labels_that_are_not_served_are_refused(engine: PictureEngine) -> None:
    assert refused(picture_bytes(), model="nobody").code == "unknown_model"
    assert refused(picture_bytes(), model="places", label_set="fer7").code == "unknown_labels"


@pytest.mark.parametrize("trouble", [EngineBusy("full"), EngineClosed("stopped")])
def test_an_engine_that_takes_no_picture_is_busy(engine: PictureEngine, trouble: RecognitionError) -> None:
    engine.trouble = trouble
    assert refused(picture_bytes()).code == "busy"


def test_a_picture_that_makes_the_engine_fail_is_reported(engine: PictureEngine) -> None:
    engine.failure = FrameDropped("failed")
    assert refused(picture_bytes()).code == "failed"
    engine.failure = None
    assert ask(picture_bytes())["faces"]


def test_an_engine_that_does_not_answer_is_not_waited_for_for_ever(
    engine: PictureEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: Future[FrameResult] = Future()
    monkeypatch.setattr(engine, "analyse", lambda picture: waiting)
    monkeypatch.setattr(analysis, "ANSWER_S", 0.01)
    assert refused(picture_bytes()).code == "busy"
    assert waiting.cancelled()


def test_one_is_in_and_a_few_wait_and_the_rest_are_refused() -> None:
    turns, inside, leave = Turns(max_waiting=1), threading.Event(), threading.Event()

    def hold() -> None:
        with turns.take():
            inside.set()
            leave.wait(10)

    def wait() -> None:
        with turns.take():
            pass

    threads = [threading.Thread(target=hold), threading.Thread(target=wait)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    while turns._there < 2:
        threading.Event().wait(0.005)
    with pytest.raises(NoTurn), turns.take():
        pass
    leave.set()
    for thread in threads:
        thread.join(10)
    with turns.take():
        assert turns._there == 1


def test_a_turn_is_not_waited_for_for_ever_and_is_given_back_by_a_failure() -> None:
    turns = Turns(patience_s=0.01)
    with pytest.raises(ZeroDivisionError), turns.take():
        raise ZeroDivisionError
    with turns.take(), pytest.raises(NoTurn), turns.take():
        pass
    assert turns._there == 0

"""The library in one call, with real models: images in every form, lists, streams, threads."""

import json
import logging
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from recognition import (
    DeviceUnavailable,
    Face,
    ImageFormatUnknown,
    ImageInput,
    ImageUnreadable,
    LabelSetUnknown,
    ModelUnknown,
    Recognizer,
    RecognizerClosed,
    Result,
    WeightsError,
)
from recognition.pipeline import Pipeline
from recognition.types import UInt8Array

ASTRONAUT = Path(__file__).parents[1] / "browser" / "astronaut.jpg"


@pytest.fixture(scope="module")
def recognizer() -> Iterator[Recognizer]:
    with Recognizer(device="cpu") as opened:
        yield opened


@pytest.fixture(scope="module")
def fast() -> Iterator[Recognizer]:
    with Recognizer(device="cpu", detail="fast") as opened:
        yield opened


@pytest.fixture(scope="module")
def astronaut_bgr() -> UInt8Array:
    image = cv2.imread(str(ASTRONAUT))
    assert image is not None
    return np.asarray(image, np.uint8)


def assert_alike(one: Result, other: Result, least: float = 1e-3) -> None:
    """Two results with the same faces, to within `least` of a fraction."""
    assert (one.width, one.height, len(one.faces)) == (other.width, other.height, len(other.faces))
    for face, its_twin in zip(one.faces, other.faces, strict=True):
        assert face.label == its_twin.label
        assert face.box_xyxy == pytest.approx(its_twin.box_xyxy, abs=least * one.width)
        assert face.probabilities == pytest.approx(its_twin.probabilities, abs=least)


def test_one_line_names_the_face() -> None:
    result = Recognizer()(ASTRONAUT)

    (face,) = result.faces
    assert face.label == "happy"
    assert face.confidence == face.probabilities["happy"] == max(face.probabilities.values()) > 0.9
    assert not face.uncertain
    left, top, right, bottom = face.box_xyxy
    assert 150 < left < 200 < 250 < right < 300
    assert 60 < top < 100 < 150 < bottom < 200
    assert (result.file, result.width, result.height, result.answer) == (str(ASTRONAUT), 512, 512, None)
    assert str(result) == f"{ASTRONAUT}: happy {face.confidence:.0%}"


FORMS: dict[str, Callable[[], ImageInput]] = {
    "text": lambda: str(ASTRONAUT),
    "bytes": ASTRONAUT.read_bytes,
    "array": lambda: np.asarray(cv2.imread(str(ASTRONAUT))),
    "pil": lambda: Image.open(ASTRONAUT),
    "floats": lambda: np.asarray(cv2.imread(str(ASTRONAUT))) / 255,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_image_gets_the_same_answer(fast: Recognizer, form: str) -> None:
    assert_alike(fast(FORMS[form]()), fast(ASTRONAUT))


def test_rgb_arrays_are_named(fast: Recognizer, astronaut_bgr: UInt8Array) -> None:
    expected = fast(astronaut_bgr)
    assert fast(astronaut_bgr[:, :, ::-1], color="rgb") == expected
    assert fast(astronaut_bgr[:, :, ::-1]) != expected


def test_a_pil_image_is_rgb_whatever_the_color_option_says(
    fast: Recognizer, astronaut_bgr: UInt8Array
) -> None:
    image = Image.fromarray(astronaut_bgr[:, :, ::-1])
    assert fast(image) == fast(image, color="rgb") == fast(astronaut_bgr)


@pytest.mark.parametrize("detail", ["auto", "fast"])
def test_a_list_gets_the_results_of_single_images(
    zidane_jpg: Path, recognizer: Recognizer, fast: Recognizer, detail: str
) -> None:
    chosen = fast if detail == "fast" else recognizer
    images: list[Path] = [ASTRONAUT, zidane_jpg] * (5 if detail == "fast" else 1)  # more than one batch

    results = chosen(images)

    assert [result.file for result in results] == [str(image) for image in images]
    for image, result in zip(images[:2], results[-2:], strict=True):
        assert_alike(result, chosen(image), least=1e-4)
    assert chosen([]) == []


def test_threads_get_the_results_of_one_thread(zidane_jpg: Path, recognizer: Recognizer) -> None:
    images = [ASTRONAUT, zidane_jpg] * 4
    expected = [recognizer(image) for image in images[:2]] * 4

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(recognizer, images))

    for result, alone in zip(results, expected, strict=True):
        assert_alike(result, alone, least=1e-4)


def test_streams_in_threads_have_ids_of_their_own(fast: Recognizer, astronaut_bgr: UInt8Array) -> None:
    def ids() -> list[list[int | None]]:
        return [[face.id for face in result.faces] for result in fast.stream([astronaut_bgr] * 5, fps=10)]

    with ThreadPoolExecutor(3) as threads:
        assert [future.result() for future in [threads.submit(ids) for _ in range(3)]] == [[[1]] * 5] * 3


def test_the_first_calls_of_several_threads_load_the_networks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Pipeline] = []
    original = Pipeline.open

    def counting(*arguments: Any, **options: Any) -> Pipeline:
        opened.append(original(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(Pipeline, "open", counting)
    with Recognizer(device="cpu", detail="fast") as fresh, ThreadPoolExecutor(3) as threads:
        first, *others = threads.map(fresh, [ASTRONAUT] * 3)

    assert all(result == first for result in others)
    assert len(opened) == 1


def test_a_stream_tracks_and_smooths(fast: Recognizer, astronaut_bgr: UInt8Array) -> None:
    other = np.roll(astronaut_bgr, 30, axis=1)
    frames = [astronaut_bgr, other, np.zeros_like(astronaut_bgr), astronaut_bgr]
    results = list(fast.stream(frames, fps=10))

    assert [[face.id for face in result.faces] for result in results] == [[1], [1], [], [1]]
    assert [result.frame for result in results] == [0, 1, 2, 3]
    assert [result.time_s for result in results] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert all(sum(result.faces[0].probabilities.values()) == pytest.approx(1) for result in results[:2])
    single = fast(other).faces[0].probabilities
    first, smoothed = (results[n].faces[0].probabilities["happy"] for n in (0, 1))
    # A tenth of a second moves the mean by less than a fifth of the way to what this frame alone shows.
    assert abs(smoothed - first) < abs(single["happy"] - first) / 5 + 1e-6
    assert results[1].to_dict()["faces"][0]["id"] == 1
    assert (results[1].to_dict()["frame"], results[1].file, results[1].detail) == (1, None, None)


def test_a_capture_is_a_stream_and_stays_open(
    tmp_path: Path, fast: Recognizer, astronaut_bgr: UInt8Array
) -> None:
    file = tmp_path / "video.avi"
    video = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 5, (512, 512))
    for _ in range(4):
        video.write(astronaut_bgr)
    video.release()
    capture = cv2.VideoCapture(str(file))

    results = list(fast.stream(capture))

    assert [result.time_s for result in results] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert [result.faces[0].id for result in results] == [1, 1, 1, 1]
    assert capture.isOpened()
    capture.release()
    with pytest.raises(ImageUnreadable, match="not open"):
        fast.stream(capture)


def test_the_minimum_score_decides_which_faces_there_are(astronaut_bgr: UInt8Array) -> None:
    with Recognizer(device="cpu", detail="fast", min_score=0.99) as strict:
        assert strict(astronaut_bgr).faces == ()
        assert [result.faces for result in strict.stream([astronaut_bgr] * 2, fps=5)] == [(), ()]


def test_a_model_of_whole_images_answers_for_the_image(astronaut_bgr: UInt8Array) -> None:
    with Recognizer("scenes", device="cpu") as scenes:
        result = scenes(ASTRONAUT)
        streamed = list(scenes.stream([astronaut_bgr] * 2, fps=5))

    assert result.answer is not None
    assert (result.faces, result.predictions, result.detail) == ((), (result.answer,), None)
    assert list(result.answer.probabilities) == list(result.labels) == list(scenes.labels)
    assert "picture" in result.to_dict()
    assert streamed[0].answer is not None
    assert streamed[0].answer.probabilities == pytest.approx(result.answer.probabilities, abs=1e-4)


def test_to_dict_is_what_predict_prints(fast: Recognizer) -> None:
    command = ["predict", "--json", "--detail", "fast", "--device", "cpu", str(ASTRONAUT)]
    printed = subprocess.run(
        [sys.executable, "-m", "recognition", *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(printed.stdout) == fast(ASTRONAUT).to_dict()


def test_results_can_be_sent_to_another_process(fast: Recognizer) -> None:
    result = fast(ASTRONAUT)
    assert pickle.loads(pickle.dumps(result)) == result


def broken_frames() -> Iterator[UInt8Array]:
    yield np.zeros((64, 64, 3), np.uint8)
    yield np.zeros((3,), np.uint8)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda one: one("missing.jpg"),
            ImageUnreadable,
            r"^missing\.jpg: The file cannot be read \(No such",
        ),
        (lambda one: one(Path("tests")), ImageUnreadable, r"^.*tests: The file cannot be read \(Is a dir"),
        (lambda one: one(b"no image"), ImageFormatUnknown, r"^image: "),
        (lambda one: one([ASTRONAUT, b"no image"]), ImageFormatUnknown, r"^image 2 of 2: "),
        (lambda one: one([ASTRONAUT, "missing.jpg"]), ImageUnreadable, r"^missing\.jpg: "),
        (
            lambda one: one(3),
            TypeError,
            r"^image: expected a path, bytes, a PIL image or a NumPy array, got int",
        ),
        (lambda one: one(None), TypeError, r"^image: .* got NoneType"),
        (lambda one: one(np.zeros((4, 4, 2), np.uint8)), ValueError, r"^image: .* got shape \(4, 4, 2\)"),
        (lambda one: one(np.zeros((2, 4, 4, 3), np.uint8)), ValueError, r"^image: .* got shape"),
        (lambda one: one(np.full((4, 4, 3), 2.0)), ValueError, r"^image: expected floats from 0 to 1"),
        (lambda one: one(np.zeros((4, 4, 3), np.uint8), color="hsv"), ValueError, r"color is 'hsv'"),
        (lambda one: list(one.stream(broken_frames())), ValueError, r"^frame 1 of the stream: "),
        (
            lambda one: list(one.stream(["gone.jpg"])),
            ImageUnreadable,
            r"^frame 0 of the stream \(gone\.jpg\)",
        ),
        (lambda one: one.stream("video.mp4"), TypeError, r"cv2\.VideoCapture\(path\)"),
        (lambda one: one.stream([], quality="best"), ValueError, r"quality is 'best'"),
        (lambda one: one.stream([], color="hsv"), ValueError, r"color is 'hsv'"),
        (lambda one: one.stream([], fps=0), ValueError, r"fps is 0"),
    ],
)
def test_errors_name_the_input(
    fast: Recognizer,
    call: Callable[[Recognizer], object],
    error: type[Exception],
    message: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(error, match=message):
        call(fast)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": "nobody"}, ModelUnknown, "nobody"),
        ({"detector": "nobody"}, ModelUnknown, "face_yolov8n"),
        ({"label_set": "fer9"}, LabelSetUnknown, "fer9"),
        ({"detail": "best"}, ValueError, "detail is 'best'; expected one of auto, fast, full"),
        ({"min_score": 1.5}, ValueError, "min_score is 1.5"),
        ({"min_score": float("nan")}, ValueError, "min_score is nan"),
        ({"image_size": 448}, ValueError, "detail='fast'"),
        ({"image_size": 100, "detail": "fast"}, ValueError, "multiple of 32"),
        ({"device": "tpu"}, DeviceUnavailable, "tpu"),
        ({"weights": "nowhere"}, WeightsError, "nowhere"),
    ],
)
def test_wrong_options_are_refused_at_once(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Recognizer(**options)  # type: ignore[arg-type]


def test_a_closed_recognizer_says_so(astronaut_bgr: UInt8Array) -> None:
    with Recognizer(device="cpu", detail="fast") as recognizer:
        frames = recognizer.stream([astronaut_bgr] * 2, fps=5)
        assert len(next(frames).faces) == 1
    recognizer.close()

    with pytest.raises(RecognizerClosed):
        recognizer(ASTRONAUT)
    with pytest.raises(RecognizerClosed):
        next(frames)


def test_it_is_quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(record=True) as given, caplog.at_level(logging.INFO):
        warnings.simplefilter("always")
        Recognizer(device="cpu", detail="fast")(ASTRONAUT)

    printed = capfd.readouterr()
    assert (printed.out, printed.err, given) == ("", "", [])
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


LOGGED = """
import json, logging, sys
from recognition import Recognizer
records = []
handler = logging.Handler()
handler.emit = lambda record: records.append((record.name, record.getMessage()))
logging.getLogger().addHandler(handler)
logging.getLogger("recognition").setLevel(sys.argv[1])
with Recognizer("scenes", device="cpu", cache=sys.argv[2]) as recognizer:
    assert recognizer(sys.argv[3]).answer is not None
json.dump([line for name, line in records if name.startswith("recognition")], sys.stderr)
"""


def test_the_first_image_prepares_what_its_model_needs_and_logs_it(tmp_path: Path) -> None:
    # In processes of their own: here, the site's logging may be set up, which prints what is logged.
    first, later, silent = (
        subprocess.run(
            [sys.executable, "-c", LOGGED, level, tmp_path / cache, ASTRONAUT],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        for level, cache in (("INFO", "one"), ("INFO", "one"), ("WARNING", "two"))
    )
    assert "Face detector" in first.stderr
    assert "xpression" not in first.stderr
    assert [later.stderr, silent.stderr] == ["[]", "[]"]
    assert [run.stdout for run in (first, later, silent)] == ["", "", ""]


def test_a_face_is_frozen(fast: Recognizer) -> None:
    face: Face = fast(ASTRONAUT).faces[0]
    with pytest.raises(AttributeError):
        face.label = "sad"  # type: ignore[misc]

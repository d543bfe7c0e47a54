"""docs/library.md: its code runs, and its tables list every option and field."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from pathlib import Path

import cv2
import pytest

from recognition import Face, Prediction, Recognizer, RecognizerOptions, Result

CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "library.md").read_text("utf-8")


@pytest.fixture
def readers_folder(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files that the page's code reads."""
    photo = project / "tests" / "browser" / "astronaut.jpg"
    shutil.copy(photo, tmp_path / "photo.jpg")
    image_bgr = cv2.imread(str(photo))
    assert image_bgr is not None
    cv2.imwrite(str(tmp_path / "other.jpg"), cv2.flip(image_bgr, 1))
    video = cv2.VideoWriter(str(tmp_path / "video.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 5, (512, 512))
    for _ in range(3):
        video.write(image_bgr)
    video.release()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_code_block_runs_in_order(
    page: str, readers_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    names: dict[str, object] = {}
    for number, block in enumerate(CODE.findall(page), 1):
        exec(compile(block, f"block {number} of docs/library.md", "exec"), names)

    printed = capfd.readouterr()
    assert printed.out.startswith("happy 0.9")
    assert "missing.jpg: The file cannot be read (No such file or directory)." in printed.out
    assert "('angry', 'happy', 'sad', 'surprise', 'neutral')" in printed.out
    assert printed.err == ""
    assert (readers_folder / "drawn.png").is_file()
    assert (readers_folder / "drawn.webp").is_file()


def _listed(page: str, start: str, end: str) -> set[str]:
    section = page[page.index(start) : page.index(end)]
    return {name for row in ROW.findall(section) for name in re.findall(r"\w+", row)}


def test_the_options_are_listed(page: str) -> None:
    listed = _listed(page, "\n## Options", "\n## Results")
    assert listed == {field.name for field in fields(RecognizerOptions)}
    assert listed == set(signature(Recognizer).parameters)


def test_the_fields_of_a_result_are_listed(page: str) -> None:
    listed = _listed(page, "\n**`Result`**", "\n**`Face`**")
    assert listed == {*(field.name for field in fields(Result)), "predictions"}


def test_the_fields_of_a_face_are_listed(page: str) -> None:
    listed = _listed(page, "\n**`Face`**", "\n### JSON")
    assert listed == {field.name for field in fields(Face)}
    assert {field.name for field in fields(Prediction)} < listed


def test_the_arguments_of_a_stream_are_listed(page: str) -> None:
    listed = _listed(page, "\n## Streams", "\n## Threads")
    assert listed == set(signature(Recognizer.stream).parameters) - {"self"}

"""The command line as its users see it."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from recognition.cli.main import COMMANDS, main
from recognition.lab.evaluation.samples import two_faces_file


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with one image of two faces, a copy in a subfolder, and a broken file between them."""
    folder = tmp_path / "images"
    (folder / "z").mkdir(parents=True)
    shutil.copy(two_faces_file(), folder / "a.jpg")
    shutil.copy(two_faces_file(), folder / "z" / "c.JPG")
    (folder / "b.png").write_bytes(b"no image")
    (folder / "notes.txt").write_text("ignored")
    return folder


def test_predict_prints_one_line_an_image_in_name_order(
    images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["predict", "--json", "--label-set", "fer5", "--device", "cpu", str(images)])
    first, broken, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert code == 1
    assert [Path(answer["file"]).name for answer in (first, broken, last)] == ["a.jpg", "b.png", "c.JPG"]
    assert set(broken) == {"file", "error"}
    assert (first["width"], first["height"]) == (1280, 720)
    assert first["faces"] == last["faces"]
    scores = [face["score"] for face in first["faces"]]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)
    for face in first["faces"]:
        assert list(face["probabilities"]) == ["angry", "happy", "sad", "surprise", "neutral"]
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert face["confidence"] == max(face["probabilities"].values())
        assert face["probabilities"][face["label"]] == face["confidence"]
        assert all(0 <= value <= 1 for value in face["box"])


def test_predict_for_people_names_the_expressions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--device", "cpu", str(two_faces_file())]) == 0
    assert "%" in capsys.readouterr().out


def test_a_reader_who_has_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "recognition", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 1


def empty(folder: Path) -> None:
    folder.mkdir()


def only_unsupported(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("no image")
    (folder / "video.mp4").write_bytes(b"no image")


def only_hidden(folder: Path) -> None:
    (folder / ".cache").mkdir(parents=True)
    shutil.copy(two_faces_file(), folder / ".cache" / "a.jpg")
    (folder / "._a.jpg").write_bytes(b"AppleDouble")


@pytest.mark.parametrize("fill", [empty, only_unsupported, only_hidden])
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_predict_on_a_folder_without_images_is_an_error_on_stderr(
    tmp_path: Path, fill: Callable[[Path], None], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "folder")

    assert main(["predict", "--device", "cpu", *words, str(tmp_path / "folder")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"error: {tmp_path / 'folder'} contains no image" in printed.err


def test_predict_reports_the_folder_without_images_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty(tmp_path / "folder")
    paths = [str(tmp_path / "folder"), str(tmp_path / "missing.jpg"), str(two_faces_file())]

    assert main(["predict", "--device", "cpu", "--json", *paths]) == 1
    printed = capsys.readouterr()
    missing, found = [json.loads(line) for line in printed.out.splitlines()]
    assert "No such file" in missing["error"]
    assert len(found["faces"]) == 2
    assert "contains no image" in printed.err


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "utf-8"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_names_that_the_terminal_cannot_show_are_escaped(tmp_path: Path, environment: dict[str, str]) -> None:
    names = ["ảnh vui.png", "笑顔.png", os.fsdecode(b"caf\xe9.png")]  # the last one is no UTF-8
    for split in ("train", "val"):
        folder = tmp_path / "dữ liệu" / split / "vui vẻ"
        folder.mkdir(parents=True)
        shutil.copy(two_faces_file(), folder / names[0])
        shutil.copy(two_faces_file(), folder / names[2])
        (folder / names[1]).write_bytes(b"broken")

    ran = subprocess.run(
        [sys.executable, "-m", "recognition", "duplicates", "--data", str(tmp_path / "dữ liệu")],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )

    assert b"Traceback" not in ran.stderr
    assert (ran.returncode, ran.stdout.count(b"(equal)"), ran.stderr.count(b"skipped")) == (1, 2, 2)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_predict_prints_names_that_an_ascii_terminal_lacks(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / os.fsdecode("hai mặt ".encode() + b"\xe9.jpg")
    shutil.copy(two_faces_file(), file)

    ran = subprocess.run(
        [sys.executable, "-m", "recognition", "predict", "--device", "cpu", *words, str(file)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"m\\u1eb7t \\udce9.jpg" in ran.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "--model", "none", "x.jpg"],
        ["predict", "--label-set", "fer9", "x.jpg"],
        ["predict", "--device", "gpu9", "x.jpg"],
    ],
)
def test_names_that_are_not_there_are_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["predict"],
        ["predict", "--image-size", "100", "x.jpg"],
        ["predict", "--image-size", "-320", "x.jpg"],
        ["match-crops", "--image-size", "100", "--data", "x"],
        ["evaluate-detector", "--image-size", "1952", "--data", "x"],
        ["probe-detector", "--image-size", "wide", "--data", "x", "--out", "y"],
        ["predict", "--min-score", "2", "x.jpg"],
        ["predict", "--min-score", "nan", "x.jpg"],
    ],
)
def test_words_that_make_no_command_are_wrong_use(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)

    assert stopped.value.code == 2


def test_list_names_architectures_recipes_and_weights(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)

    assert {entry["name"] for entry in content["architectures"]} >= {"se_resnet", "tiny"}
    assert all(set(entry) == {"name", "parameters", "input", "classes"} for entry in content["architectures"])
    assert "best/se_resnet" in content["recipes"]
    for weights in content["weights"]:
        assert Path(weights["file"]).is_file()
        assert len(weights["sha256"]) == 64


def test_bench_prints_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json", "--device", "cpu", "--frames", "3", "--seconds", "0.2"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert set(report) == {"device", "stages", "fps", "overhead"}
    assert set(report["stages"]) == {"decode", "detect", "classify", "total"}
    assert all(set(times) == {"p50_ms", "p95_ms"} for times in report["stages"].values())
    assert set(report["fps"]) == {"1", "2", "4", "8"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])

    assert stopped.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "new", "old"),
    [
        ("probe-detector", ["--background-dir", "here"], ["--without-faces", "here"]),
        ("evaluate", ["--tta", "ten-crop"], ["--views", "ten"]),
        ("probe", ["--tta", "none"], ["--views", "1"]),
    ],
)
def test_a_renamed_option_is_read_in_both_spellings_and_listed_in_one(
    command: str, new: list[str], old: list[str]
) -> None:
    parser = argparse.ArgumentParser()
    import_module(COMMANDS[command][0]).add_arguments(parser)
    needed = ["--data", "data", *(["--out", "out"] if command == "probe-detector" else [])]
    assert parser.parse_args([*needed, *new]) == parser.parse_args([*needed, *old])
    listed = parser.format_help()
    assert new[0] in listed
    assert old[0] not in listed

"""Exports for other programs: they answer as torch does, and half of one is never left."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from recognition.atomic_files import complete_files
from recognition.cli.export import FORMATS as OFFERED
from recognition.cli.main import main
from recognition.errors import ExportDiffers
from recognition.lab.export import formats
from recognition.models.cards import Card, CardInput, CardTraining, file_sha256, save_card
from recognition.networks.loading import build_network

LABELS = ("beach", "cave", "dune")


def _save_tiny(folder: Path, name: str, channels: int) -> Card:
    """A tiny network with random weights, its card beside it."""
    torch.manual_seed(7)
    network = build_network("tiny", classes=len(LABELS), channels=channels)
    with torch.no_grad():
        network.body[-1].weight.mul_(20)  # type: ignore[index, union-attr, operator]
    weights = folder / f"{name}.safetensors"
    save_file({k: v for k, v in network.state_dict().items() if v.is_floating_point()}, weights)
    card = Card(
        name=name,
        title=name,
        task="scenes",
        architecture="tiny",
        arguments={},
        parameters=sum(p.numel() for p in network.parameters()),
        sha256=file_sha256(weights),
        input=CardInput(20, 24, channels, mean=0.5, std=0.25),
        labels=LABELS,
        temperature=1.5,
        temperature_views="1",
        thresholds={},
        training=CardTraining("test", "test", 0, 1, 1, 1.0, "cpu"),
        evaluations=(),
        limits=(),
        licence="",
    )
    save_card(card, folder)
    return card


@pytest.fixture
def colour_card(tmp_path: Path) -> Card:
    return _save_tiny(tmp_path, "colour", 3)


def test_the_command_offers_every_format() -> None:
    assert tuple(formats.FORMATS) == OFFERED


@pytest.mark.parametrize(("export_format", "file"), [("openvino", "grey.xml"), ("torchscript", "grey.pt")])
def test_a_model_for_grey_images_is_exported(tmp_path: Path, export_format: str, file: str) -> None:
    card = _save_tiny(tmp_path, "grey", 1)

    exported = formats.export_network(card, tmp_path, export_format, tmp_path / "out")

    assert exported.file == tmp_path / "out" / file
    assert exported.file.is_file()
    assert exported.pixels_shape == (20, 24)
    assert exported.largest_difference < 1e-4


def test_an_onnx_file_takes_any_count_of_colour_images(colour_card: Card, tmp_path: Path) -> None:
    import openvino

    exported = formats.export_network(colour_card, tmp_path, "onnx", tmp_path / "out")

    assert exported.largest_difference < 1e-4
    model = openvino.Core().compile_model(exported.file, "CPU")
    assert model.inputs[0].names == {"pixels"}
    for count in (1, 3):
        assert model(np.zeros((count, 20, 24, 3), np.uint8))[0].shape == (count, len(LABELS))


@pytest.mark.usefixtures("colour_card")
def test_the_command_reports_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "--model", str(tmp_path / "colour.json"), "--format", "openvino"]

    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert Path(report["file"]).is_file()
    assert report["pixels"] == ["n", 20, 24, 3]
    assert report["labels"] == list(LABELS)
    assert report["largest_difference"] < 1e-4
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert "differ from torch's by at most" in capsys.readouterr().out


def test_an_export_that_answers_otherwise_is_refused_and_not_kept(
    colour_card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, run, suffix = formats.FORMATS["openvino"]

    def run_wrongly(file: Path) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: run(file)(255 - pixels)

    monkeypatch.setitem(formats.FORMATS, "openvino", (write, run_wrongly, suffix))

    with pytest.raises(ExportDiffers, match="differs from torch by"):
        formats.export_network(colour_card, tmp_path, "openvino", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_tracing_library_may_warn_of_nothing(colour_card: Card, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        formats.export_network(colour_card, tmp_path, "torchscript", tmp_path / "out")


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    final = tmp_path / "export"
    final.mkdir()
    (final / "file").write_text("first", encoding="utf-8")

    def write_half() -> None:
        with complete_files(final) as folder:
            (folder / "file").write_text("half", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert [path.name for path in tmp_path.iterdir()] == ["export"]
    assert (final / "file").read_text("utf-8") == "first"


def test_files_join_what_is_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with complete_files(tmp_path) as folder:
        (folder / "model.xml").write_text("model", encoding="utf-8")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.xml", "notes.txt"]

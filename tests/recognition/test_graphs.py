"""Graphs: ONNX files that hold no weights, answer as torch does, and belong to one card."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import onnx
import openvino
import pytest
import torch
from safetensors.torch import load_file, save_file

from recognition.classification import open_classifier
from recognition.cli.main import main
from recognition.detection.openvino_yolo import OpenVinoYolo
from recognition.detection.torch_yolo import TorchYolo
from recognition.errors import GraphMissing, GraphOutdated, WeightsError
from recognition.folders import default_cache_folder
from recognition.lab.export.formats import pixels_shape
from recognition.lab.export.graph import write_graph
from recognition.models.cards import (
    Card,
    CardInput,
    file_sha256,
    load_card,
    load_cards,
    save_card,
    weights_file,
)
from recognition.models.graphs import find_graph, graph_file
from recognition.networks.loading import FromPixels, load_network
from tests.conftest import PROJECT
from tests.recognition.tiny_models import copy_served_weights, write_tiny_model

WEIGHTS = PROJECT / "weights"
CARDS = load_cards(WEIGHTS)
CLASSIFIERS = sorted(name for name, card in CARDS.items() if card.task != "face_detector")
# Of a logit. Measured: at most 1e-5, where logits reach 30.
MAX_DIFFERENCE = 1e-4
MAX_BYTES = 150_000


def torch_logits(card: Card, folder: Path, pixels: np.ndarray) -> np.ndarray:
    network = FromPixels(load_network(card, folder), card.input, card.outputs).eval()
    with torch.inference_mode():
        return np.asarray(network(torch.from_numpy(pixels)).numpy())


def noise(card: Card, count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *pixels_shape(card.input)), np.uint8)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_committed_graph_answers_as_torch_does(name: str) -> None:
    card = CARDS[name]
    classifier = open_classifier(card, WEIGHTS, "cpu")

    for count in (1, 3):
        pixels = noise(card, count)
        np.testing.assert_allclose(
            classifier.classify(pixels), torch_logits(card, WEIGHTS, pixels), rtol=0, atol=MAX_DIFFERENCE
        )


def test_the_committed_detector_answers_as_torch_does_at_every_size() -> None:
    card = CARDS["face_yolov8n"]
    expected = TorchYolo(weights_file(card, WEIGHTS), "cpu", default_cache_folder() / "ultralytics")
    network = OpenVinoYolo(find_graph(card, WEIGHTS), "f32")

    for height, width in ((256, 320), (320, 192), (64, 64)):
        pixels = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
        for ours, theirs in zip(network(pixels), expected(pixels), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=MAX_DIFFERENCE)


@pytest.mark.parametrize("name", sorted(CARDS))
def test_a_committed_graph_belongs_to_its_card_and_holds_no_weights(name: str) -> None:
    file = find_graph(CARDS[name], WEIGHTS)

    assert file.stat().st_size < MAX_BYTES
    stored = load_file(weights_file(CARDS[name], WEIGHTS))
    external = [t for t in onnx.load(file).graph.initializer if t.name in stored]
    assert sum(np.prod(t.dims) for t in external) > 0.99 * CARDS[name].parameters
    for tensor in external:
        np.testing.assert_array_equal(onnx.numpy_helper.to_array(tensor), stored[tensor.name].numpy())


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny network for colour images and its graph."""
    folder = tmp_path_factory.mktemp("exported")
    write_graph(
        load_card(write_tiny_model(folder, ("sea", "street"), channels=3).with_suffix(".json")), folder
    )
    return folder


@pytest.fixture
def card(exported: Path, tmp_path: Path) -> Card:
    """The card of that network, its files in a folder of the test's own."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    return load_card(tmp_path / "model.json")


@pytest.mark.parametrize(
    "dtype",
    [torch.float32, torch.bfloat16],  # the committed ones are float16
)
def test_weights_are_read_in_the_precision_in_which_they_are_stored(
    dtype: torch.dtype, tmp_path: Path
) -> None:
    card = load_card(write_tiny_model(tmp_path, ("sea", "street")).with_suffix(".json"))
    file = weights_file(card, tmp_path)
    save_file({name: tensor.to(dtype) for name, tensor in load_file(file).items()}, file)
    card = msgspec.structs.replace(card, sha256=file_sha256(file))

    write_graph(card, tmp_path)

    pixels = noise(card, 2)
    answers = open_classifier(card, tmp_path, "cpu").classify(pixels)
    np.testing.assert_allclose(answers, torch_logits(card, tmp_path, pixels), rtol=0, atol=MAX_DIFFERENCE)
    loaded = onnx.load(graph_file(card, tmp_path), load_external_data=False)
    assert all(t.external_data for t in loaded.graph.initializer if t.name.startswith("body."))


def test_a_missing_graph_names_the_command_that_writes_it(card: Card, tmp_path: Path) -> None:
    graph_file(card, tmp_path).unlink()

    with pytest.raises(GraphMissing, match=r"model\.onnx.*export-graphs"):
        open_classifier(card, tmp_path, "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"arguments": {"width": 8}},
        {"labels": ("sea", "street", "cave")},
        {"input": CardInput(height=16, width=16, channels=3, mean=0.4, std=0.25)},
    ],
)
def test_a_graph_older_than_its_card_is_refused(
    change: dict[str, object], card: Card, tmp_path: Path
) -> None:
    changed = msgspec.structs.replace(card, **change)

    with pytest.raises(GraphOutdated, match=r"model\.onnx.*export-graphs"):
        find_graph(changed, tmp_path)


def test_a_card_with_other_figures_keeps_its_graph(card: Card, tmp_path: Path) -> None:
    changed = msgspec.structs.replace(card, title="Other", temperature=2.0, thresholds={})

    assert find_graph(changed, tmp_path) == find_graph(card, tmp_path)


def test_the_command_replaces_an_outdated_graph(card: Card, tmp_path: Path) -> None:
    changed = msgspec.structs.replace(card, input=CardInput(height=20, width=24, channels=3))
    save_card(changed, tmp_path)

    assert main(["export-graphs", "--weights", str(tmp_path)]) == 0

    model = openvino.Core().read_model(find_graph(changed, tmp_path))
    assert str(model.inputs[0].partial_shape) == "[?,20,24,3]"


def test_links_to_a_folder_with_both_files_are_followed(card: Card, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    for file in (graph_file(card, tmp_path), weights_file(card, tmp_path)):
        (linked / file.name).symlink_to(file)

    assert open_classifier(card, linked, "cpu").classify(noise(card, 1)).shape == (1, 2)


def test_a_link_to_weights_elsewhere_is_refused_in_a_sentence(card: Card, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    shutil.copy(graph_file(card, tmp_path), linked)
    (linked / "model.safetensors").symlink_to(weights_file(card, tmp_path))

    with pytest.raises(WeightsError, match="copy the files"):
        open_classifier(card, linked, "cpu")


@pytest.fixture
def served(card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weights folder with two committed models and the tiny one."""
    weights = copy_served_weights(tmp_path)
    for file in tmp_path.glob("model.*"):
        shutil.copy(file, weights)
    monkeypatch.setenv("WEIGHTS", str(weights))
    monkeypatch.setenv("EMOWEB_CACHE", str(tmp_path / "cache"))
    return weights


def test_prepare_writes_the_graph_of_a_model_trained_before_graphs_existed(
    card: Card, served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph_file(card, served).unlink()

    assert main(["prepare", "--device", "cpu"]) == 0

    assert "Writing the graph of Made by a test" in capsys.readouterr().out
    assert find_graph(card, served).is_file()


def test_prepare_refuses_an_outdated_graph(
    card: Card, served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_card(msgspec.structs.replace(card, input=CardInput(height=20, width=20, channels=3)), served)

    assert main(["prepare", "--device", "cpu"]) == 1

    assert "model.onnx was not made for the weights and card beside it" in capsys.readouterr().err

"""Makes small models for tests: a `tiny` network with weights of its own, and a card beside them."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from recognition.folders import default_cache_folder, default_weights_folder
from recognition.models.cards import Card, CardInput, CardTraining, file_sha256, save_card
from recognition.networks.tiny import TinyNet


def copy_served_weights(folder: Path) -> Path:
    """Copy two served models into `folder`/weights; `folder`/cache knows what is prepared already."""
    weights = folder / "weights"
    weights.mkdir()
    for name in ("face_yolov8n", "se_resnet"):
        for file in default_weights_folder().glob(f"{name}.*"):
            shutil.copy(file, weights)
    prepared = default_cache_folder()
    for export in prepared.glob("*/*"):
        link = folder / "cache" / export.relative_to(prepared)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(export)
    return weights


def write_tiny_model(
    folder: Path,
    labels: tuple[str, ...],
    *,
    channels: int = 1,
    task: str = "scenes",
    temperature: float = 1.5,
    name: str = "model",
) -> Path:
    """Write `<name>.safetensors` with its card for 16 x 16 images; the same weights each time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = TinyNet(classes=len(labels), channels=channels)
        with torch.no_grad():
            # Fresh weights would give one answer to everything, and never surely.
            network.body[-1].weight.mul_(30)
            network.body[-1].bias -= network.eval()(4 * torch.rand(64, channels, 16, 16) - 2).mean(0)
    file = folder / f"{name}.safetensors"
    save_file({key: value for key, value in network.state_dict().items() if value.is_floating_point()}, file)
    card = Card(
        name=name,
        title="Made by a test",
        task=task,
        architecture="tiny",
        arguments={},
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        sha256=file_sha256(file),
        input=CardInput(height=16, width=16, channels=channels, mean=0.5, std=0.25),
        labels=labels,
        temperature=temperature,
        temperature_views="1",
        thresholds={"uncertain": 0.5},
        training=CardTraining("none", "none", 0, 0, 0, 0, "cpu"),
        evaluations=(),
        limits=(),
        licence="",
    )
    save_card(card, folder)
    return file


def read_tiny_network(file: Path, labels: int, channels: int) -> TinyNet:
    """Read such weights back, apart from the library's own way."""
    from safetensors.torch import load_file

    network = TinyNet(classes=labels, channels=channels)
    network.load_state_dict(load_file(file), strict=False)
    return network.eval()

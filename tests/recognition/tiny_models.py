"""Makes small models for tests: a `tiny` network with weights of its own, and a card beside them."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from recognition.models.cards import Card, CardInput, CardTraining, file_sha256, save_card
from recognition.networks.tiny import TinyNet


def write_tiny_model(
    folder: Path,
    labels: tuple[str, ...],
    *,
    channels: int = 1,
    task: str = "scenes",
    temperature: float = 1.5,
) -> Path:
    """Write `model.safetensors` with its card for 16 x 16 images; the same weights each time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = TinyNet(classes=len(labels), channels=channels)
        with torch.no_grad():
            # Fresh weights would give one answer to everything, and never surely.
            network.body[-1].weight.mul_(30)
            network.body[-1].bias -= network.eval()(4 * torch.rand(64, channels, 16, 16) - 2).mean(0)
    file = folder / "model.safetensors"
    save_file(
        {name: value for name, value in network.state_dict().items() if value.is_floating_point()}, file
    )
    card = Card(
        name="model",
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

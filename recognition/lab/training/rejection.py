"""Adds to a trained model one output that separates its own kind of images from any other.

The network is not changed: its labels' logits stay the same. The added row of the last layer is a logistic
regression on that layer's input (a linear probe), between training images of the model's labels and images
that show none of them: known outliers, as in Hendrycks et al. 2019, without retraining the body.
"""

from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from recognition.errors import RecipeError
from recognition.lab.evaluation.rejection import open_outputs, threshold_keeping
from recognition.lab.export.graph import write_graph
from recognition.models.cards import Card, file_sha256, save_card, verified_weights, weights_file
from recognition.networks.loading import load_network
from recognition.types import FloatArray, UInt8Array

# Strong regularisation: the row should hold for kinds of images that it never saw.
INVERSE_PENALTY = 0.01


def add_rejection(
    card: Card,
    folder: Path,
    known: UInt8Array,
    unknown: UInt8Array,
    held_out: UInt8Array,
    out: Path,
    keep: float,
    device: str = "cpu",
) -> Card:
    """Write a card's weights with the added output, the card and its graph into `out`; return the card.

    `known` and `unknown` are training images, `held_out` validation images of the model's labels: the card's
    threshold keeps the share `keep` of them. A model that has the output already gets a fresh one.
    Raises RecipeError for a network whose last layer does not give the card's outputs.
    """
    state = load_file(verified_weights(card, folder))
    network = load_network(card, folder)
    name, layer = _last_linear(network, card)
    inputs = [_inputs(network, layer, card, images, device) for images in (known, unknown)]
    row, bias = _fit(*inputs)
    labels = len(card.labels)
    for key, added in ((f"{name}.weight", row[None]), (f"{name}.bias", bias[None])):
        state[key] = torch.cat([state[key][:labels], torch.from_numpy(added).to(state[key].dtype)])
    out.mkdir(parents=True, exist_ok=True)
    changed = msgspec.structs.replace(card, rejects_unknown=True)
    save_file(state, weights_file(changed, out))
    changed = msgspec.structs.replace(
        changed,
        sha256=file_sha256(weights_file(changed, out)),
        parameters=card.parameters + (0 if card.rejects_unknown else len(row) + 1),
    )
    confidences = changed.heads[0].probabilities(open_outputs(changed, out, device)(held_out)).max(axis=-1)
    thresholds = {**card.thresholds, "uncertain": threshold_keeping(confidences, keep)}
    changed = msgspec.structs.replace(changed, thresholds=thresholds)
    save_card(changed, out)
    write_graph(changed, out)
    return changed


def _last_linear(network: nn.Module, card: Card) -> tuple[str, nn.Linear]:
    layers = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    if not layers or layers[-1][1].out_features != card.classes or card.more_heads:
        raise RecipeError(f"{card.name} does not end in one layer for its labels; choose another model.")
    return layers[-1]


@torch.inference_mode()
def _inputs(network: nn.Module, layer: nn.Linear, card: Card, images: UInt8Array, device: str) -> FloatArray:
    """The input (n, features) of a layer for pixels (n, h, w[, 3])."""
    from recognition.lab.evaluation.rejection import BATCH
    from recognition.networks.loading import FromPixels

    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].cpu()))
    whole = FromPixels(network, card.input).eval().to(device)
    for start in range(0, len(images), BATCH):
        whole(torch.from_numpy(images[start : start + BATCH]).to(device))
    handle.remove()
    return np.asarray(torch.cat(seen).numpy(), np.float32)


def _fit(known: FloatArray, unknown: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights (features,) and bias () that are positive for the known."""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([known, unknown]).astype(np.float64)
    is_known = np.arange(len(features)) < len(known)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=3000)
    fitted.fit((features - mean) / scale, is_known)
    weights = fitted.coef_[0] / scale
    bias = np.asarray(fitted.intercept_[0] - weights @ mean, np.float32)
    return np.asarray(weights, np.float32), bias

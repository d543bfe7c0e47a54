"""Optimizers, learning rate schedules, and sharpness-aware minimization."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from recognition.lab.training.recipe import OptimiserPart


def build_optimiser(
    network: nn.Module, part: OptimiserPart, given: frozenset[str] = frozenset()
) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum, Adam or AdamW; norms and biases are not decayed.

    Parameters named in `given` came with published or earlier weights and move at `body_lr_share` of the
    rate, which each group keeps as `share`.
    """
    groups = []
    for came_along in (False, True):
        for decayed in (False, True):
            members = [
                parameter
                for name, parameter in network.named_parameters()
                if (name in given) == came_along and (parameter.ndim > 1) == decayed
            ]
            if members:
                share = part.body_lr_share if came_along else 1.0
                decay = part.weight_decay if decayed else 0.0
                groups.append({"params": members, "weight_decay": decay, "share": share})
    if part.kind == "sgd":
        return torch.optim.SGD(groups, lr=part.lr, momentum=part.momentum, nesterov=part.momentum > 0)
    return (torch.optim.Adam if part.kind == "adam" else torch.optim.AdamW)(groups, lr=part.lr)


def learning_rate(part: OptimiserPart, epoch: float, epochs: int) -> float:
    """The rate at a moment, in epochs from the start: linear warm-up, then as the schedule says."""
    if part.schedule == "constant":
        return part.lr
    if epoch < part.warmup_epochs:
        return part.lr * max(epoch, 0.02) / part.warmup_epochs
    if part.schedule == "trapezoid":
        # 1 - sqrt: better than a straight line in the paper, section 3.
        left = min((epochs - epoch) / max(part.cooldown_share * epochs, 1e-9), 1.0)
        return part.lr * max(1 - math.sqrt(1 - max(left, 0.0)), part.final_share)
    progress = (epoch - part.warmup_epochs) / max(epochs - part.warmup_epochs, 1e-9)
    cosine = (1 + math.cos(math.pi * min(progress, 1.0))) / 2
    return part.lr * (part.final_share + (1 - part.final_share) * cosine)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set every group's share of a learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["share"]


def take_step(
    optimiser: torch.optim.Optimizer, network: nn.Module, loss: Callable[[], Tensor], sam_rho: float
) -> None:
    """Move the weights once; `loss` runs the batch forward again at each call.

    With `sam_rho` the gradient is taken where the loss is highest within that radius (Foret et al. 2021,
    equation 2): two passes, of which the second leaves the batch statistics alone.
    """
    optimiser.zero_grad(set_to_none=True)
    loss().backward()  # type: ignore[no-untyped-call]
    if sam_rho:
        with _uphill(optimiser, sam_rho), _kept_batch_statistics(network):
            optimiser.zero_grad(set_to_none=True)
            loss().backward()  # type: ignore[no-untyped-call]
    optimiser.step()


@contextmanager
def _uphill(optimiser: torch.optim.Optimizer, radius: float) -> Iterator[None]:
    """Move the weights to the steepest point of the neighborhood, and back."""
    weights = [p for group in optimiser.param_groups for p in group["params"] if p.grad is not None]
    gradients = [p.grad for p in weights]
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
    with torch.no_grad():
        steps = torch._foreach_mul(gradients, radius / (norm + 1e-12))
        torch._foreach_add_(weights, steps)
    try:
        yield
    finally:
        with torch.no_grad():
            torch._foreach_sub_(weights, steps)


@contextmanager
def _kept_batch_statistics(network: nn.Module) -> Iterator[None]:
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum

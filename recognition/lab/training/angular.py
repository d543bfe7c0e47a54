"""A-Softmax: the true class must win with a multiple of its angle (Liu et al. 2017, SphereFace)."""

import math

import torch
from torch import Tensor
from torch.nn import functional


def angular_margin_logits(
    features: Tensor, logits: Tensor, targets: Tensor, margin: int, lambda_: float
) -> Tensor:
    """Harden the logits (n, classes) of an AngularLinear for training; softmax's cross-entropy follows.

    The logits are |x| cos(theta_j) of features x (n, features). The true class's becomes
    |x| (lambda cos(theta) + psi(theta)) / (1 + lambda): a large lambda is plain softmax, 0 the whole margin.
    """
    true = logits.gather(1, targets[:, None])
    lengths = features.norm(dim=1, keepdim=True).clamp_min(torch.finfo(logits.dtype).tiny)
    hardened = lengths * psi(true / lengths, margin)
    blended = (lambda_ * true + hardened) / (1 + lambda_)
    is_true = functional.one_hot(targets, logits.shape[1]).bool()
    return torch.where(is_true, blended, logits)


def psi(cosines: Tensor, margin: int) -> Tensor:
    """(-1)^k cos(m theta) - 2k for theta in [k pi / m, (k + 1) pi / m], from cos(theta).

    Falls steadily from 1 at theta = 0 to 1 - 2m at pi, without a jump.
    """
    if margin < 1:
        raise ValueError(f"The margin is {margin}; choose 1 (plain softmax) or more.")
    # How many of the bounds between the pieces theta has passed: no arc cosine, whose slope is infinite at 0.
    bounds = [math.cos(number * math.pi / margin) for number in range(1, margin)]
    passed = sum((cosines <= bound for bound in bounds), torch.zeros_like(cosines, dtype=torch.int64))
    sign = 1.0 - 2.0 * (passed % 2)
    return sign * _cosine_of_multiple(cosines, margin) - 2.0 * passed


def _cosine_of_multiple(cosines: Tensor, multiple: int) -> Tensor:
    """cos(m theta) from cos(theta): Chebyshev's polynomial, T_n = 2 c T_(n-1) - T_(n-2)."""
    before, current = torch.ones_like(cosines), cosines
    for _ in range(multiple - 1):
        before, current = current, 2 * cosines * current - before
    return current

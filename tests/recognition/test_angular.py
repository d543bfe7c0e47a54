"""A-Softmax: its hardened angle, its gradient, and plain softmax as its special case."""

import math

import hypothesis.extra.numpy as arrays
import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from recognition.lab.training.angular import angular_margin_logits, psi
from recognition.networks.angular_linear import AngularLinear

MARGINS = (1, 2, 3, 4)
ANGLES = st.floats(0, math.pi)
# The first call of some of torch's functions takes seconds.
FAST = settings(max_examples=50, deadline=None)


def _psi_of_angle(theta: float, margin: int) -> float:
    """As the paper writes it."""
    k = min(int(margin * theta / math.pi), margin - 1)
    return float((-1) ** k * math.cos(margin * theta) - 2 * k)


@pytest.mark.parametrize("margin", MARGINS)
@FAST
@given(theta=ANGLES)
def test_psi_is_what_the_paper_writes(margin: int, theta: float) -> None:
    cosine = torch.tensor(math.cos(theta), dtype=torch.float64)

    assert psi(cosine, margin).item() == pytest.approx(_psi_of_angle(theta, margin), abs=1e-9)


@pytest.mark.parametrize("margin", MARGINS)
@FAST
@given(pair=st.tuples(ANGLES, ANGLES))
def test_psi_falls_as_the_angle_grows(margin: int, pair: tuple[float, float]) -> None:
    near, far = sorted(pair)
    values = psi(torch.tensor([math.cos(near), math.cos(far)], dtype=torch.float64), margin)

    assert values[0] >= values[1] - 1e-12


@pytest.mark.parametrize("margin", MARGINS)
@FAST
@given(theta=ANGLES, step=st.floats(0, 1e-3))
def test_psi_has_no_jump(margin: int, theta: float, step: float) -> None:
    angles = torch.tensor([theta, min(theta + step, math.pi)], dtype=torch.float64)
    before, after = psi(angles.cos(), margin)

    # Its slope against the angle is at most the margin.
    assert abs(after - before) <= margin * step + 1e-9


@pytest.mark.parametrize("margin", MARGINS)
def test_psi_meets_itself_where_its_pieces_join_and_ends_where_it_should(margin: int) -> None:
    for k in range(margin + 1):
        cosine = math.cos(k * math.pi / margin)
        around = torch.tensor([cosine - 1e-12, cosine, cosine + 1e-12], dtype=torch.float64).clamp(-1, 1)
        assert psi(around, margin).tolist() == pytest.approx([1 - 2 * k] * 3, abs=1e-9)


@FAST
@given(
    features=arrays.arrays(np.float64, (5, 6), elements=st.floats(-3, 3)),
    lambda_=st.floats(0, 1000),
)
def test_without_a_margin_it_is_softmax_over_normalised_weights(
    features: npt.NDArray[np.float64], lambda_: float
) -> None:
    layer = AngularLinear(6, 4).double()
    inputs, targets = torch.from_numpy(features), torch.tensor([0, 1, 2, 3, 0])

    plain = inputs @ (layer.weight / layer.weight.norm(dim=1, keepdim=True)).T
    hardened = angular_margin_logits(inputs, layer(inputs), targets, 1, lambda_)

    torch.testing.assert_close(hardened, plain)
    torch.testing.assert_close(
        functional.cross_entropy(hardened, targets), functional.cross_entropy(plain, targets)
    )


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("lambda_", [0.0, 5.0])
def test_its_gradient_is_right(margin: int, lambda_: float) -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(8, 5, dtype=torch.float64, generator=generator, requires_grad=True)
    weight = torch.randn(4, 5, dtype=torch.float64, generator=generator, requires_grad=True)
    targets = torch.arange(8) % 4

    def loss(features: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        logits = functional.linear(features, functional.normalize(weight))
        hardened = angular_margin_logits(features, logits, targets, margin, lambda_)
        return functional.cross_entropy(hardened, targets, reduction="none")

    assert torch.autograd.gradcheck(loss, (features, weight))


@FAST
@given(seed=st.integers(0, 1000), lambda_=st.floats(0, 50))
def test_only_the_true_class_is_hardened_and_never_helped(seed: int, lambda_: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(6, 3, dtype=torch.float64, generator=generator)
    logits = AngularLinear(3, 4).double()(features)
    targets = torch.randint(0, 4, (6,), generator=generator)

    hardened = angular_margin_logits(features, logits, targets, 4, lambda_)

    is_true = functional.one_hot(targets, 4).bool()
    assert torch.equal(hardened[~is_true], logits[~is_true])
    assert (hardened[is_true] <= logits[is_true] + 1e-9).all()


def test_features_of_length_zero_have_a_finite_gradient() -> None:
    features = torch.zeros(2, 3, requires_grad=True)
    logits = AngularLinear(3, 4)(features)
    loss = angular_margin_logits(features, logits, torch.tensor([0, 1]), 4, 0.0).sum()
    loss.backward()

    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_a_margin_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        psi(torch.zeros(1), 0)

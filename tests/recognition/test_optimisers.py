"""Groups, rates and sharpness-aware steps, worked out by hand."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from recognition.lab.training.optimisers import build_optimiser, learning_rate, set_rate, take_step
from recognition.lab.training.precision import CANDIDATES, choose_precision
from recognition.lab.training.recipe import NetworkPart, OptimiserPart, Recipe
from recognition.networks.loading import build_network


def test_norms_and_biases_are_not_decayed() -> None:
    network = build_network("tiny", classes=7)
    optimiser = build_optimiser(network, OptimiserPart(weight_decay=0.1))

    decays = {p.ndim > 1: group["weight_decay"] for group in optimiser.param_groups for p in group["params"]}

    assert decays == {True: 0.1, False: 0.0}
    assert sum(len(group["params"]) for group in optimiser.param_groups) == len(list(network.parameters()))


def test_layers_that_came_with_weights_move_slower() -> None:
    network = build_network("tiny", classes=7)
    given = frozenset({"body.0.weight"})
    optimiser = build_optimiser(network, OptimiserPart(lr=1.0, body_lr_share=0.1), given)
    set_rate(optimiser, 0.5)

    rates = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}

    for name, parameter in network.named_parameters():
        assert rates[id(parameter)] == pytest.approx(0.05 if name in given else 0.5)


def test_the_rate_warms_up_and_falls_as_a_cosine() -> None:
    part = OptimiserPart(lr=1.0, warmup_epochs=2.0, final_share=0.1)

    assert learning_rate(part, 1.0, 10) == pytest.approx(0.5)
    assert learning_rate(part, 2.0, 10) == pytest.approx(1.0)
    assert learning_rate(part, 6.0, 10) == pytest.approx(0.55)
    assert learning_rate(part, 10.0, 10) == pytest.approx(0.1)


def test_the_rate_of_a_trapezoid_falls_in_the_last_epochs_only() -> None:
    part = OptimiserPart(lr=1.0, warmup_epochs=2.0, schedule="trapezoid", cooldown_share=0.2)
    rates = [learning_rate(part, epoch, 100) for epoch in (1.0, 2.0, 79.0, 85.0, 95.0, 100.0)]

    assert rates == pytest.approx([0.5, 1.0, 1.0, 0.5, 1 - 0.75**0.5, part.final_share])


class Scale(nn.Module):
    """One weight."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self) -> Tensor:
        return self.weight.square() / 2


@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_a_sharpness_aware_step_uses_the_gradient_uphill(rho: float) -> None:
    network = Scale(2.0)
    optimiser = build_optimiser(network, OptimiserPart(kind="sgd", lr=0.5, momentum=0.0))

    take_step(optimiser, network, network, rho)

    # The gradient of w^2 / 2 is w; uphill of 2 it is 2 + rho.
    assert network.weight.item() == pytest.approx(2.0 - 0.5 * (2.0 + rho))


def test_the_second_pass_leaves_batch_statistics_alone() -> None:
    images = torch.rand(8, 1, 48, 48)
    means = []
    for rho in (0.0, 0.5):
        torch.manual_seed(0)
        network = build_network("tiny", classes=7).train()
        optimiser = build_optimiser(network, OptimiserPart(kind="sgd", lr=0.1))
        take_step(optimiser, network, lambda network=network: network(images).square().mean(), rho)
        means.append(dict(network.named_buffers())["body.1.running_mean"])

    assert torch.equal(*means)


def test_the_quickest_precision_is_measured_once_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe("Test", NetworkPart("tiny"), 1, 4)
    network, image = build_network("tiny", classes=7), torch.rand(1, 48, 48)
    memory = tmp_path / "precision.json"

    chosen = choose_precision(recipe, network, image, torch.device("cpu"), memory)
    monkeypatch.setattr("recognition.lab.training.precision._seconds", None)

    assert chosen in CANDIDATES
    assert choose_precision(recipe, network, image, torch.device("cpu"), memory) == chosen

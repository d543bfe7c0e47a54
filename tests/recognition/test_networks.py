"""Architectures: parameter counts against the documents, and answers for small grey faces."""

import pytest
import torch

from recognition.errors import ArchitectureUnknown
from recognition.networks.cbam_resnet import ATTENTION_ORDERS, CBAMResNet
from recognition.networks.lenet5 import LeNet5
from recognition.registry import ARCHITECTURES, build_network, count_parameters

SMALL_STEM = {"alexnet", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50", "resnet152", "convnext_tiny"}
LARGE = {"vgg19", "resnet152", "gesture_resnet"}


@pytest.mark.parametrize(
    ("architecture", "parameters"),
    [
        ("lenet5", 60_856),
        ("alexnet", 62_378_344),
        ("vgg16", 138_357_544),
        ("vgg19", 143_667_240),
        ("resnet152", 60_192_808),
        ("convnext_tiny", 28_589_128),
    ],
)
def test_parameters_are_those_of_the_documents(architecture: str, parameters: int) -> None:
    assert count_parameters(architecture) == parameters


def test_the_compact_nets_are_compact() -> None:
    assert count_parameters("bknet") < 2_000_000
    assert count_parameters("tiny") < 10_000


@pytest.mark.parametrize("architecture", sorted(set(ARCHITECTURES) - LARGE))
def test_every_net_answers_for_small_grey_pictures(architecture: str) -> None:
    stem = {"small_input": True} if architecture in SMALL_STEM else {}
    network = build_network(architecture, classes=7, channels=1, **stem).eval()

    with torch.inference_mode():
        assert network(torch.rand(1, 1, 48, 48)).shape == (1, 7)


def test_cbam_resnet_has_17_convolutions_beside_its_attention() -> None:
    network = CBAMResNet(attention_order="none")
    convolutions = [
        module
        for module in network.modules()
        if isinstance(module, torch.nn.Conv2d) and module.kernel_size == (3, 3)
    ]

    assert len(convolutions) == 17


def test_the_orders_of_attention_differ_in_their_answers_but_not_in_their_parameters() -> None:
    answers, sizes = [], set()
    for order in ATTENTION_ORDERS[:3]:
        torch.manual_seed(0)
        network = CBAMResNet(widths=(16, 16, 16, 16), attention_order=order).eval()
        sizes.add(sum(p.numel() for p in network.parameters()))
        torch.manual_seed(1)
        answers.append(network(torch.rand(1, 1, 44, 44)))

    assert len(sizes) == 1
    assert not torch.allclose(answers[0], answers[1])
    assert not torch.allclose(answers[0], answers[2])


def test_the_output_codes_of_lenet_are_not_learnt_and_a_code_answers_for_itself() -> None:
    network = LeNet5()

    assert "output.codes" not in dict(network.named_parameters())
    assert network.output(network.output.codes).argmax(1).tolist() == list(range(10))
    assert LeNet5(output="dense").output(torch.zeros(1, 84)).shape == (1, 10)


@pytest.mark.parametrize("build", [lambda: CBAMResNet(attention_order="both"), lambda: LeNet5(output="soft")])
def test_a_wrong_choice_is_named(build: object) -> None:
    with pytest.raises(ValueError, match="choose"):
        build()  # type: ignore[operator]


def test_an_unknown_architecture_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ArchitectureUnknown, match="se_resnet"):
        build_network("transformer9")

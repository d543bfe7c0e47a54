"""Architectures: parameter counts against the documents, answers in grey and colour, and pixels to logits."""

from pathlib import Path

import pytest
import torch

from recognition.errors import ArchitectureUnknown
from recognition.models.architectures import ARCHITECTURES, Architecture
from recognition.models.cards import CardInput, load_card
from recognition.networks.angular_linear import AngularLinear
from recognition.networks.cbam_resnet import ATTENTION_ORDERS, CBAMResNet
from recognition.networks.lenet5 import LeNet5
from recognition.networks.loading import FromPixels, build_network, count_parameters, load_network

SMALL_STEM = {
    "alexnet",
    "alexnet_torchvision",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet152",
    "convnext_tiny",
}
# Hundreds of megabytes or a second an image: looked at without memory for their weights.
HEAVY = (SMALL_STEM - {"resnet18", "convnext_tiny"}) | {"gesture_resnet"}


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


def _small_form(architecture: str) -> torch.nn.Module:
    stem = {"small_input": True} if architecture in SMALL_STEM else {}
    return build_network(architecture, classes=7, channels=1, **stem)


@pytest.mark.parametrize("architecture", sorted(set(ARCHITECTURES) - HEAVY))
def test_every_network_answers_for_small_grey_images_and_every_weight_of_it_learns(architecture: str) -> None:
    torch.manual_seed(0)
    network = _small_form(architecture)

    logits = network(torch.rand(2, 1, 48, 48))
    torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1])).backward()

    assert logits.shape == (2, 7)
    still = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert still == []
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())  # type: ignore[union-attr]


@pytest.mark.parametrize("architecture", sorted(HEAVY))
def test_every_heavy_network_fits_small_grey_images_forward_and_backward(architecture: str) -> None:
    with torch.device("meta"):
        network = _small_form(architecture)
        logits = network(torch.rand(2, 1, 48, 48))
    logits.sum().backward()

    assert logits.shape == (2, 7)
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_every_network_takes_grey_and_colour_at_its_own_size(architecture: str, channels: int) -> None:
    _, height, width = ARCHITECTURES[architecture].input_chw
    with torch.device("meta"):
        network = build_network(architecture, classes=6, channels=channels).eval()
        logits = network(torch.rand(2, channels, height, width))

    assert logits.shape == (2, 6)


@pytest.mark.parametrize(
    "architecture", ["bknet", "cbam_resnet", "efficientnet_lite0", "lenet5", "light_resnet", "se_resnet"]
)
def test_every_light_net_answers_for_colour_at_its_own_size(architecture: str) -> None:
    _, height, width = ARCHITECTURES[architecture].input_chw
    network = build_network(architecture, classes=6, channels=3).eval()

    with torch.inference_mode():
        logits = network(torch.rand(1, 3, height, width))

    assert logits.shape == (1, 6)
    assert logits.isfinite().all()


def test_adding_a_net_is_one_file_and_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mean_network.py").write_text(
        "from torch import nn\n"
        "def mean_network(classes=4, channels=1):\n"
        "    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(
        ARCHITECTURES, "mean_network", Architecture("mean_network:mean_network", (1, 8, 8), 4)
    )

    assert count_parameters("mean_network") == 8
    assert build_network("mean_network", classes=3, channels=3)(torch.rand(2, 3, 8, 8)).shape == (2, 3)


@pytest.mark.parametrize("architecture", ["se_resnet", "cbam_resnet"])
@pytest.mark.parametrize("head", ["linear", "angular"])
def test_an_auxiliary_heads_logits_follow_the_answers(architecture: str, head: str) -> None:
    widths = (16, 16, 16, 16)
    network = build_network(architecture, classes=7, auxiliary_classes=8, head=head, widths=widths).eval()

    assert network(torch.rand(2, 1, 48, 48)).shape == (2, 15)


def test_a_light_network_answers_alike_in_any_light_of_any_color() -> None:
    torch.manual_seed(0)
    network = build_network("light_resnet", auxiliary_classes=8).eval()
    image = torch.rand(1, 3, 64, 64)
    tinted = image * torch.tensor([0.9, 0.5, 0.3]).view(1, 3, 1, 1)

    with torch.inference_mode():
        torch.testing.assert_close(network(tinted).softmax(1), network(image).softmax(1), atol=0.01, rtol=0)


def test_a_light_network_for_expressions_is_small() -> None:
    assert count_parameters("light_resnet") < 1.5e6


@pytest.mark.parametrize("architecture", ["light_resnet", "efficientnet_lite0"])
def test_an_auxiliary_head_adds_logits_to_a_network_for_color(architecture: str) -> None:
    network = build_network(architecture, classes=7, auxiliary_classes=8).eval()

    assert network(torch.rand(2, 3, 64, 64)).shape == (2, 15)


def test_an_angular_head_measures_how_far_features_point_along_each_class() -> None:
    layer = AngularLinear(2, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[5.0, 0.0], [0.0, 0.1], [-1.0, 0.0]]))

    torch.testing.assert_close(layer(torch.tensor([[3.0, 4.0]])), torch.tensor([[3.0, 4.0, -3.0]]))


def test_fewer_stages_leave_out_the_end_of_an_efficientnet() -> None:
    networks = [build_network("efficientnet_lite0", classes=6, stages=stages) for stages in range(1, 8)]
    sizes = [sum(p.numel() for p in network.parameters()) for network in networks]

    assert sizes == sorted(set(sizes))
    # 4.7 M, as its authors count.
    assert count_parameters("efficientnet_lite0") == 4_652_008
    assert [len(network.head) for network in networks] == [4] * 7  # type: ignore[arg-type]
    assert networks[2](torch.rand(2, 3, 33, 32)).shape == (2, 6)


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


def test_the_output_codes_of_lenet_are_not_trained_and_a_code_answers_for_itself() -> None:
    network = LeNet5()

    assert "output.codes" not in dict(network.named_parameters())
    assert network.output(network.output.codes).argmax(1).tolist() == list(range(10))
    assert LeNet5(output="dense").output(torch.zeros(1, 84)).shape == (1, 10)


@pytest.mark.parametrize(
    "build",
    [
        lambda: CBAMResNet(attention_order="both"),
        lambda: CBAMResNet(head="round"),
        lambda: LeNet5(output="soft"),
        lambda: build_network("efficientnet_lite0", stages=8),
    ],
)
def test_a_wrong_choice_is_named(build: object) -> None:
    with pytest.raises(ValueError, match="choose"):
        build()  # type: ignore[operator]


def test_an_unknown_architecture_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ArchitectureUnknown, match="se_resnet"):
        build_network("transformer9")


class _SeenMean(torch.nn.Module):
    """Answers with what arrived: the mean of each channel."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(2, 3))


def test_colour_pixels_arrive_channel_by_channel_scaled_and_normalised() -> None:
    pixels = torch.zeros((2, 4, 6, 3), dtype=torch.uint8)
    pixels[..., 0], pixels[..., 1] = 255, 51
    seen = FromPixels(_SeenMean(), CardInput(4, 6, 3, mean=0.5, std=0.5))(pixels)

    torch.testing.assert_close(seen, torch.tensor([[1.0, -0.6, -1.0]] * 2))


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_pixels_fill_every_channel_of_a_network(channels: int) -> None:
    pixels = torch.full((2, 4, 6), 255, dtype=torch.uint8)

    assert FromPixels(_SeenMean(), CardInput(4, 6, channels))(pixels).tolist() == [[1.0] * channels] * 2


def test_logits_are_cut_to_a_cards_labels() -> None:
    pixels = torch.zeros((2, 4, 6, 3), dtype=torch.uint8)

    assert FromPixels(_SeenMean(), CardInput(4, 6, 3), count=2)(pixels).shape == (2, 2)


def test_the_sites_own_weights_load_unchanged(project: Path) -> None:
    card = load_card(project / "weights" / "se_resnet.json")
    network = load_network(card, project / "weights")

    assert sum(parameter.numel() for parameter in network.parameters()) == card.parameters

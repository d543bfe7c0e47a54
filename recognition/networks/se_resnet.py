"""My_model of the My_model report: residual blocks with squeeze-and-excitation, for small grayscale faces."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recognition.networks.angular_linear import last_layer

STAGE_DROPOUT = (0.1, 0.1, 0.2)


class InputStandardisation(nn.Module):
    """Give each image mean 0 and deviation 1, so that lighting and camera gain do not matter."""

    def forward(self, images: Tensor) -> Tensor:
        centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        return centred / (deviation + 1e-4)


class SqueezeExcitation(nn.Module):
    """Weigh channels by their mean over the image (Hu et al. 2018, section 3)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features * self.gate(features)  # type: ignore[no-any-return]


class ResidualBlock(nn.Module):
    """2 x [convolution, batch norm, ReLU], an SE block and a shortcut."""

    def __init__(self, channels_in: int, channels: int, reduction: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.excitation = SqueezeExcitation(channels, reduction)
        self.shortcut: nn.Module = nn.Identity()
        if channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.excitation(self.body(features)) + self.shortcut(features))


class SEResNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1; h and w may be any size from 32.

    `stem_pool` halves the image right after the stem: a quarter of the work, for processors.
    `auxiliary_classes` adds as many logits after the answer; `head` is `linear`, or `angular` for A-Softmax.
    """

    def __init__(
        self,
        classes: int = 7,
        channels: int = 1,
        widths: Sequence[int] = (64, 128, 256, 256),
        blocks: int = 2,
        reduction: int = 16,
        stem_pool: bool = True,
        head_dropout: float = 0.3,
        auxiliary_classes: int = 0,
        head: str = "linear",
    ) -> None:
        super().__init__()
        stem: list[nn.Module] = [
            InputStandardisation(),
            nn.Conv2d(channels, widths[0], 3, padding=1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        ]
        if stem_pool:
            stem.append(nn.MaxPool2d(2, ceil_mode=True))
        self.stem = nn.Sequential(*stem)
        self.stages = nn.Sequential(*_stages(widths, blocks, reduction))
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(head_dropout),
            last_layer(head, widths[-1], classes + auxiliary_classes),
        )
        _initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(images)))  # type: ignore[no-any-return]


def _stages(widths: Sequence[int], blocks: int, reduction: int) -> list[nn.Module]:
    """The residual stages, with pooling and dropout between them."""
    stages: list[nn.Module] = []
    channels_in = widths[0]
    for number, width in enumerate(widths):
        if number:
            dropout = STAGE_DROPOUT[min(number, len(STAGE_DROPOUT)) - 1]
            stages += [nn.MaxPool2d(2, ceil_mode=True), nn.Dropout(dropout)]
        for _ in range(blocks):
            stages.append(ResidualBlock(channels_in, width, reduction))
            channels_in = width
    return stages


def _initialise(network: nn.Module) -> None:
    """He initialization; each residual branch starts at zero so that deep networks start as shallow ones."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, ResidualBlock):
            nn.init.zeros_(module.body[-1].weight)  # type: ignore[arg-type]

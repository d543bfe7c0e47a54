"""A light network for expressions in color: residual blocks that start at a quarter of the image's side."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recognition.networks.se_resnet import SqueezeExcitation

DEVIATION_FLOOR = 0.01  # noise in a channel without content must not be amplified without limit


class ChannelStandardization(nn.Module):
    """Give each channel of an image mean 0 and deviation 1, so that neither light nor its color matters."""

    def forward(self, images: Tensor) -> Tensor:
        centered = images - images.mean(dim=(2, 3), keepdim=True)
        deviation = centered.square().mean(dim=(2, 3), keepdim=True).sqrt()
        return centered / (deviation + DEVIATION_FLOOR)


class LightBlock(nn.Module):
    """Two convolutions with batch norms, an SE block of reduction `excitation` unless it is 0, a shortcut."""

    def __init__(self, channels_in: int, channels: int, stride: int, excitation: int) -> None:
        super().__init__()
        body = [
            *normalized(nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)),
            nn.ReLU(inplace=True),
            *normalized(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
        ]
        if excitation:
            body.append(SqueezeExcitation(channels, excitation))
        self.body = nn.Sequential(*body)
        shortcut: list[nn.Module] = []
        if stride > 1:
            shortcut.append(nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False))
        if channels_in != channels:
            shortcut += normalized(nn.Conv2d(channels_in, channels, 1, bias=False))
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.body(features) + self.shortcut(features))


class LightResNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1; h and w may be any size from 32.

    Stem and stages halve the image, so that most of the work is done at an eighth of its side: for
    processors, on which convolutions of few channels at high resolution are slow. `blocks` and `excitations`
    (reductions of the SE blocks, 0 for none) are given for each stage. `auxiliary_classes` adds as many
    logits after the answer.
    """

    def __init__(
        self,
        classes: int = 7,
        channels: int = 3,
        stem: int = 24,
        widths: Sequence[int] = (48, 96, 144),
        blocks: Sequence[int] = (1, 3, 2),
        excitations: Sequence[int] = (0, 8, 8),
        head_dropout: float = 0.2,
        auxiliary_classes: int = 0,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            ChannelStandardization(),
            *normalized(nn.Conv2d(channels, stem, 3, stride=2, padding=1, bias=False)),
            nn.ReLU(inplace=True),
        )
        stages: list[nn.Module] = []
        channels_in = stem
        for width, count, excitation in zip(widths, blocks, excitations, strict=True):
            for number in range(count):
                stages.append(LightBlock(channels_in, width, 1 if number else 2, excitation))
                channels_in = width
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(head_dropout),
            nn.Linear(channels_in, classes + auxiliary_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(images)))  # type: ignore[no-any-return]


def normalized(convolution: nn.Conv2d) -> list[nn.Module]:
    """The convolution and the batch norm of its channels."""
    return [convolution, nn.BatchNorm2d(convolution.out_channels)]

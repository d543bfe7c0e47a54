"""CBAM-ResNet of the CBAM-ResNet paper: 17 convolutions with channel and spatial attention."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recognition.networks.angular_linear import last_layer

ATTENTION_ORDERS = ("channel_first", "spatial_first", "parallel", "none")


class ChannelAttention(nn.Module):
    """Weights (n, channels, 1, 1) from pooled vectors through one MLP (Woo et al. 2018, equation 2)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        average = self.mlp(features.mean(dim=(2, 3), keepdim=True))
        largest = self.mlp(features.amax(dim=(2, 3), keepdim=True))
        return torch.sigmoid(average + largest)


class SpatialAttention(nn.Module):
    """Weights (n, 1, h, w) from the mean and maximum over channels (Woo et al. 2018, equation 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, features: Tensor) -> Tensor:
        pooled = torch.cat([features.mean(dim=1, keepdim=True), features.amax(dim=1, keepdim=True)], dim=1)
        return torch.sigmoid(self.convolution(pooled))


class Attention(nn.Module):
    """Both attentions in one of the orders that the CBAM-ResNet paper compares."""

    def __init__(self, channels: int, order: str) -> None:
        super().__init__()
        if order not in ATTENTION_ORDERS:
            raise ValueError(f"attention_order is {order!r}; choose one of {', '.join(ATTENTION_ORDERS)}.")
        self.order = order
        if order != "none":
            self.channel, self.spatial = ChannelAttention(channels), SpatialAttention()

    def forward(self, features: Tensor) -> Tensor:
        if self.order == "none":
            return features
        if self.order == "parallel":
            weights: Tensor = self.channel(features) * self.spatial(features)
            return features * weights
        first, second = (
            (self.channel, self.spatial) if self.order == "channel_first" else (self.spatial, self.channel)
        )
        features = features * first(features)
        weighed: Tensor = features * second(features)
        return weighed


class ResidualBlock(nn.Module):
    """Two convolutions 3 x 3 with batch norm and ReLU, attention on their result, and a shortcut."""

    def __init__(self, channels_in: int, channels: int, stride: int, attention_order: str) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.attention = Attention(channels, attention_order)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.attention(self.body(features)) + self.shortcut(features))


class CBAMResNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1; 44 x 44 crops in the CBAM-ResNet paper.

    A stem and eight blocks of two convolutions. The document pools with a window of 4, which is the whole
    map of its 32-pixel ancestors; here the whole map is pooled at any size.
    `stem_pool` halves the image right after the stem: a quarter of the work, for processors.
    `auxiliary_classes` adds as many logits after the answer; `head` is `linear`, or `angular` for A-Softmax.
    """

    def __init__(
        self,
        classes: int = 7,
        channels: int = 1,
        widths: Sequence[int] = (64, 128, 256, 512),
        attention_order: str = "channel_first",
        stem_pool: bool = False,
        auxiliary_classes: int = 0,
        head: str = "linear",
    ) -> None:
        super().__init__()
        stem: list[nn.Module] = [
            nn.Conv2d(channels, widths[0], 3, padding=1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        ]
        if stem_pool:
            stem.append(nn.MaxPool2d(2, ceil_mode=True))
        self.stem = nn.Sequential(*stem)
        blocks: list[nn.Module] = []
        channels_in = widths[0]
        for stage, width in enumerate(widths):
            for number in range(2):
                stride = 2 if stage and not number else 1
                blocks.append(ResidualBlock(channels_in, width, stride, attention_order))
                channels_in = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            last_layer(head, widths[-1], classes + auxiliary_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(images)))  # type: ignore[no-any-return]

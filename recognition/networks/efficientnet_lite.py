"""EfficientNet-Lite0: a network for low-power devices; its published weights come from the package index."""

import re

from torch import Tensor, nn
from torch.nn import functional

# (blocks, kernel, stride, expansion, channels) of the seven stages (Tan and Le 2019, table 1, without SE).
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
# TensorFlow's momentum 0.99 is torch's 0.01.
NORM_EPSILON, NORM_MOMENTUM = 1e-3, 0.01

# Names in the published state and here, in the order in which they are replaced.
_PUBLISHED_NAMES = (
    (r"^_conv_stem\.", "stem.0."),
    (r"^_bn0\.", "stem.1."),
    (r"^_conv_head\.", "last.0."),
    (r"^_bn1\.", "last.1."),
    (r"^_fc\.", "head.3."),
    (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.0."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.1."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.0."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.1."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.0."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.1."),
)


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow pads: stride 2 on an even side gets one pixel less in front."""

    def __init__(
        self, channels_in: int, channels: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(channels_in, channels, kernel, stride, padding, groups=groups, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        if self.stride[0] == 2:
            after = self.kernel_size[0] // 2
            top, left = after - 1 + features.shape[2] % 2, after - 1 + features.shape[3] % 2
            features = functional.pad(features, [left, after, top, after])
        return super().forward(features)


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, projection; a shortcut where nothing changes its shape."""

    def __init__(self, channels_in: int, channels: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels_in * expansion
        self.expand: nn.Module = nn.Identity()
        if expansion != 1:
            self.expand = nn.Sequential(
                *_normalised(SameConv2d(channels_in, wide, 1)), nn.ReLU6(inplace=True)
            )
        self.depthwise = nn.Sequential(
            *_normalised(SameConv2d(wide, wide, kernel, stride, groups=wide)), nn.ReLU6(inplace=True)
        )
        self.project = nn.Sequential(*_normalised(SameConv2d(wide, channels, 1)))
        self.has_shortcut = stride == 1 and channels_in == channels

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = self.project(self.depthwise(self.expand(features)))
        return features + changed if self.has_shortcut else changed


class EfficientNetLite(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w), 224 x 224 RGB at its original size.

    EfficientNet-B0 without squeeze-and-excitation and with ReLU6 (the Lite0 of its authors). `stages` below 7
    cuts the body there and leaves out the last convolution, to 1,280 channels. `auxiliary_classes` adds as
    many logits after the answer.
    The published weights expect `mean` 127/255 and `std` 128/255; with them the logits of fixed images
    equal those of the package efficientnet_lite_pytorch 0.1.0, which is another implementation.
    """

    def __init__(
        self,
        classes: int = 1000,
        channels: int = 3,
        stages: int = len(STAGES),
        dropout: float = 0.2,
        auxiliary_classes: int = 0,
    ) -> None:
        super().__init__()
        if not 1 <= stages <= len(STAGES):
            raise ValueError(f"stages is {stages}; choose 1 to {len(STAGES)}.")
        self.stem = nn.Sequential(
            *_normalised(SameConv2d(channels, STEM_CHANNELS, 3, stride=2)), nn.ReLU6(inplace=True)
        )
        blocks: list[nn.Module] = []
        features = STEM_CHANNELS
        for count, kernel, stride, expansion, width in STAGES[:stages]:
            for number in range(count):
                blocks.append(InvertedResidual(features, width, kernel, 1 if number else stride, expansion))
                features = width
        self.blocks = nn.Sequential(*blocks)
        self.last: nn.Module = nn.Identity()
        if stages == len(STAGES):
            self.last = nn.Sequential(
                *_normalised(SameConv2d(features, HEAD_CHANNELS, 1)), nn.ReLU6(inplace=True)
            )
            features = HEAD_CHANNELS
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(features, classes + auxiliary_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.last(self.blocks(self.stem(images))))  # type: ignore[no-any-return]


def from_published_name(name: str) -> str:
    """The name here of a tensor in the published state."""
    for pattern, replacement in _PUBLISHED_NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _normalised(convolution: nn.Conv2d) -> tuple[nn.Module, nn.Module]:
    return convolution, nn.BatchNorm2d(convolution.out_channels, NORM_EPSILON, NORM_MOMENTUM)

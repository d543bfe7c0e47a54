"""A compact network under the name BKNet, which the famous-places report mentions without describing it."""

from torch import Tensor, nn

WIDTHS = (32, 64, 128, 256)


class BKNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1, within 2 M parameters.

    The report names "BKNet" and "BNet" as its authors' network and says nothing more. This one is ours: two
    convolutions 3 x 3 with batch norm and ReLU a stage, each stage at half the size of the one before.
    """

    def __init__(self, classes: int = 64, channels: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels_in = channels
        for width in WIDTHS:
            layers += _convolution(channels_in, width) + _convolution(width, width) + [nn.MaxPool2d(2)]
            channels_in = width
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(WIDTHS[-1], classes)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))  # type: ignore[no-any-return]


def _convolution(channels_in: int, channels: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    ]

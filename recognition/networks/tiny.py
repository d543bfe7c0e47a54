"""A network of a few thousand parameters, for tests and for trying out a data set."""

from torch import Tensor, nn


class TinyNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1; `auxiliary_classes` adds as many after."""

    def __init__(
        self, classes: int = 7, channels: int = 1, width: int = 8, auxiliary_classes: int = 0
    ) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(2 * width, classes + auxiliary_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.body(images)  # type: ignore[no-any-return]

"""AlexNet in one tower, 62,378,344 parameters at 227 x 227 x 3, as in the famous-places report."""

from torch import Tensor, nn


class AlexNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1 (Krizhevsky et al. 2012, section 3).

    Five convolutions with local response normalization after the first two and overlapping pooling, three
    dense layers with dropout. 227 pixels is the original size; with `small_input` the first convolution does
    not shrink the image, so that 48 pixels are enough.
    """

    def __init__(self, classes: int = 1000, channels: int = 3, small_input: bool = False) -> None:
        super().__init__()
        first = (
            nn.Conv2d(channels, 96, 11, padding=5) if small_input else nn.Conv2d(channels, 96, 11, stride=4)
        )
        self.features = nn.Sequential(
            first,
            nn.ReLU(inplace=True),
            *_normalised_and_pooled(),
            nn.Conv2d(96, 256, 5, padding=2),
            nn.ReLU(inplace=True),
            *_normalised_and_pooled(),
            nn.Conv2d(256, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            # At 227 x 227 this changes nothing.
            nn.AdaptiveAvgPool2d(6),
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))  # type: ignore[no-any-return]


def _normalised_and_pooled() -> tuple[nn.Module, nn.Module]:
    # torch divides alpha by the window's size, the paper does not: 5 x 1e-4.
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0), nn.MaxPool2d(3, stride=2)

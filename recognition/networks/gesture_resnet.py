"""The hand-sign network of the ResNet-152 webcam report: ResNet-152 and five dense layers."""

from torch import Tensor, nn

from recognition.networks.torchvision_networks import resnet152

DENSE = (1024, 1024, 256, 128, 64)


class GestureResNet(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1; 32 x 32 gray in the document.

    The report used Keras' ResNet-152 v2; the body here is torchvision's ResNet-152.
    """

    def __init__(self, classes: int = 10, channels: int = 1) -> None:
        super().__init__()
        self.colour = nn.Conv2d(channels, 3, 3, padding=1)
        self.body = resnet152()
        self.body.fc = nn.Identity()
        layers: list[nn.Module] = []
        for features_in, features in zip((2048, *DENSE), DENSE, strict=False):
            layers += [nn.Linear(features_in, features), nn.ReLU(inplace=True)]
        self.head = nn.Sequential(*layers, nn.Linear(DENSE[-1], classes))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.body(self.colour(images)))  # type: ignore[no-any-return]

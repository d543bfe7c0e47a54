"""LeNet-5 as the famous-places report counts it: 60,856 trainable parameters at 32 x 32 x 1."""

import torch
from torch import Tensor, nn

FEATURES = 84


class RadialBasisOutput(nn.Module):
    """Logits: minus the squared distance to a fixed code of +1 and -1 (LeCun et al. 1998, section II.B).

    The codes are not trained, so they are a buffer. The paper draws them as images of digits; here they
    come from a fixed seed, since labels need not be digits.
    """

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        coins = torch.randint(0, 2, (classes, features), generator=torch.Generator().manual_seed(1998))
        self.register_buffer("codes", 2.0 * coins - 1)
        self.codes: Tensor

    def forward(self, features: Tensor) -> Tensor:
        return -(features[:, None, :] - self.codes).square().sum(dim=2)


class LeNet5(nn.Module):
    """Logits (n, classes) of images (n, channels, h, w) in 0..1.

    32 x 32 is the original size; features of larger images are pooled to its own.
    `output` is `rbf` (fixed, as the document counts it) or `dense`.
    """

    def __init__(self, classes: int = 10, channels: int = 1, output: str = "rbf") -> None:
        super().__init__()
        if output not in {"rbf", "dense"}:
            raise ValueError(f"output is {output!r}; choose rbf or dense.")
        self.body = nn.Sequential(
            nn.Conv2d(channels, 6, 5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            # At 32 x 32 this changes nothing.
            nn.AdaptiveAvgPool2d(5),
            nn.Conv2d(16, 120, 5),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(120, FEATURES),
            nn.Tanh(),
        )
        self.output = (
            RadialBasisOutput(FEATURES, classes) if output == "rbf" else nn.Linear(FEATURES, classes)
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.output(self.body(images))  # type: ignore[no-any-return]

"""The last layer that A-Softmax needs: weights of length 1 and no bias."""

from torch import Tensor, nn
from torch.nn import functional

HEADS = ("linear", "angular")


class AngularLinear(nn.Linear):
    """Logits |x| cos(theta_j) of features x (n, features): their projections on the classes' directions."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__(features, classes, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        return functional.linear(features, functional.normalize(self.weight))


def last_layer(head: str, features: int, outputs: int) -> nn.Module:
    """The layer that a network's `head` names; raise ValueError for another name."""
    if head not in HEADS:
        raise ValueError(f"head is {head!r}; choose one of {', '.join(HEADS)}.")
    return AngularLinear(features, outputs) if head == "angular" else nn.Linear(features, outputs)

"""Training images as tensors, and the order in which an epoch sees them."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from recognition.errors import DataError
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.mixture import Mixture


@dataclass(frozen=True)
class ResidentImages:
    """A split as tensors: images (n, c, h, w) uint8, targets (n, classes) shares, votes (n, 8) beside them.

    They are on the training's device, or in main memory where they do not fit. `chances` (n,) are the
    probabilities of drawing each image; without them, each is drawn once.
    """

    images: Tensor
    targets: Tensor
    chances: Tensor | None = None

    @classmethod
    def of(cls, split: LabelledImages, device: torch.device, with_votes: bool) -> "ResidentImages":
        """Copy a split; raise DataError where votes are wanted and the data has none."""
        pixels = torch.from_numpy(split.images)
        images = pixels[:, None] if split.channels == 1 else pixels.permute(0, 3, 1, 2).contiguous()
        targets = functional.one_hot(torch.from_numpy(split.targets), len(split.labels)).float()
        if with_votes:
            if split.votes is None:
                raise DataError("loss.auxiliary needs FER+'s fer2013new.csv in the folder of fer2013.csv.")
            targets = torch.cat([targets, torch.from_numpy(split.votes)], dim=1)
        home = device if _fits(images, device) else torch.device("cpu")
        return cls(images.to(home), targets.to(home))

    @classmethod
    def of_mixture(cls, mixture: Mixture) -> "ResidentImages":
        """Take the images of a mixture where they are; its targets contain those of both heads."""
        images = torch.from_numpy(mixture.images).permute(0, 3, 1, 2)
        return cls(images, torch.from_numpy(mixture.targets), torch.from_numpy(mixture.chances))

    def __len__(self) -> int:
        return len(self.images)

    def order(self, count: int, generator: Generator) -> Tensor:
        """Return the indices of an epoch's images in a new order: all of them, or `count` drawn by `chances`.

        Each is drawn as often as its probability says, rounded up or down (systematic sampling).
        """
        shuffled = torch.randperm(count or len(self), generator=generator)
        if self.chances is None:
            return shuffled
        ends = self.chances.cumsum(0) / self.chances.sum() * len(shuffled)
        places = torch.arange(len(shuffled)) + torch.rand((), generator=generator).item()
        return torch.searchsorted(ends, places.double()).clamp(max=len(self) - 1)[shuffled]


def _fits(images: Tensor, device: torch.device) -> bool:
    """Whether images can stay on the device: half of the free memory is reserved for the training itself."""
    if device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return images.numel() * images.element_size() < free / 2

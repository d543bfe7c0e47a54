"""Changes to whole batches of training pictures, on the device they lie on.

Pictures are (n, channels, h, w) in 0..1, grey or RGB. Every draw is from the CPU generator given, so that a
seed makes the same choices on any device. Functions return new pictures or, where nothing changes, the given.
"""

from torch import Generator, Tensor

from recognition.training.augmentation import colour, damage, geometry, light
from recognition.training.augmentation.blending import blend
from recognition.training.augmentation.geometry import flip, random_crop
from recognition.training.recipe import AugmentationPart

__all__ = ["augment", "blend", "flip", "random_crop"]


def augment(images: Tensor, part: AugmentationPart, crop: int, generator: Generator) -> Tensor:
    """Apply one recipe's changes and a random crop of `crop` pixels a side, in the order a camera would."""
    if part.flip:
        images = geometry.flip(images, generator)
    if part.vertical_flip:
        images = geometry.vertical_flip(images, generator)
    images = geometry.affine(images, part, generator)
    images = geometry.random_crop(images, crop, generator)
    images = light.relight(images, part, generator)
    images = colour.recolour(images, part, generator)
    images = damage.blur(images, part, generator)
    images = damage.shrink(images, part, generator)
    images = damage.jpeg(images, part, generator)
    return damage.erase(images, part, generator)

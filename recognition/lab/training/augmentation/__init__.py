"""Augments batches of training images on their own device.

Images are (n, channels, h, w) in 0..1, grayscale or RGB. Every draw is from the given CPU generator, so a
seed makes the same choices on any device. Functions return new images or, if nothing changes, the given ones.
"""

import msgspec
from torch import Generator, Tensor

from recognition.lab.training.augmentation import colour, corruptions, geometry, light
from recognition.lab.training.augmentation.blending import blend
from recognition.lab.training.augmentation.covering import cover_faces
from recognition.lab.training.augmentation.geometry import flip, random_crop
from recognition.lab.training.recipe import AugmentationPart

__all__ = ["as_webcams_give", "augment", "blend", "cover_faces", "flip", "random_crop", "weakened"]

# The shares that can be reduced early in training: all but those of flips, moves and gray images.
WEAKENED = ("light", "colour", "cast", "dark", "noise", "blur", "shrink", "jpeg", "erase", "mixup", "cutmix")


def as_webcams_give(images: Tensor, share: float, generator: Generator) -> Tensor:
    """Degrade light, focus, resolution and detail of shares of the images, as poor webcams do."""
    part = AugmentationPart(
        light=share,
        brightness=0.15,
        contrast=0.3,
        gamma=0.5,
        blur=share / 2,
        blur_sigma_px=2.5,
        shrink=share,
        shrink_to=0.25,
        jpeg=share,
    )
    images = light.relight(images, part, generator)
    images = corruptions.blur(images, part, generator)
    images = corruptions.shrink(images, part, generator)
    return corruptions.jpeg(images, part, generator)


def weakened(part: AugmentationPart, factor: float) -> AugmentationPart:
    """Return the changes with the shares in WEAKENED multiplied by `factor`."""
    return msgspec.structs.replace(part, **{name: factor * getattr(part, name) for name in WEAKENED})


def augment(
    images: Tensor, part: AugmentationPart, crop: int, generator: Generator, magnified: float = 0.0
) -> Tensor:
    """Apply one recipe's changes and a random crop of `crop` pixels a side, in the order a camera would.

    With `magnified`, images are loose crops; their center is cropped and magnified by that factor.
    """
    if magnified:
        images = geometry.cut_out(images, part, crop, magnified, generator)
    if part.flip:
        images = geometry.flip(images, generator)
    if part.vertical_flip:
        images = geometry.vertical_flip(images, generator)
    if not magnified:
        images = geometry.affine(images, part, generator)
        images = geometry.random_crop(images, crop, generator)
    images = colour.turn_gray(images, part, generator)
    images = light.relight(images, part, generator)
    images = colour.recolour(images, part, generator)
    images = colour.cast_color(images, part, generator)
    images = light.darken(images, part, generator)
    images = corruptions.add_noise(images, part, generator)
    images = corruptions.blur(images, part, generator)
    images = corruptions.shrink(images, part, generator)
    images = corruptions.jpeg(images, part, generator)
    return corruptions.erase(images, part, generator)

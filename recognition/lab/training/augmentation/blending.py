"""Combines two images and their labels: mixup and cutmix."""

import numpy as np
import torch
from torch import Generator, Tensor

from recognition.lab.training.augmentation.corruptions import rectangles
from recognition.lab.training.augmentation.draws import per_image
from recognition.lab.training.recipe import AugmentationPart


def blend(
    images: Tensor, targets: Tensor, part: AugmentationPart, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Blend a batch in pairs, by the recipe's chance; `targets` (n, classes) are probabilities.

    Returns both as they came where the batch stays as it is.
    """
    if not part.mixup and not part.cutmix:
        return images, targets
    drawn = torch.rand((), generator=generator).item()
    if drawn < part.mixup:
        partners = torch.randperm(len(images), generator=generator)
        kept = _kept_shares(len(images), part.mixup_alpha, generator)
        return mixed(images, targets, partners, kept)
    if drawn < part.mixup + part.cutmix:
        partners = torch.randperm(len(images), generator=generator)
        areas, ones = torch.rand(len(images), generator=generator), torch.ones(len(images))
        covered = rectangles(areas, ones, (images.shape[2], images.shape[3]), generator)
        return patched(images, targets, partners, covered)
    return images, targets


def mixed(images: Tensor, targets: Tensor, partners: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Keep a share `kept` (n,) of each image and target, the rest is its partner's (Zhang et al. 2018)."""
    partners = partners.to(images.device)
    shares = per_image(kept, images)
    return torch.lerp(images[partners], images, shares), _mixed_targets(targets, partners, kept)


def patched(images: Tensor, targets: Tensor, partners: Tensor, covered: Tensor) -> tuple[Tensor, Tensor]:
    """Replace what `covered` (n, 1, h, w) marks by each image's partner (Yun et al. 2019).

    Targets follow the pixels that were kept.
    """
    partners = partners.to(images.device)
    kept = 1 - covered.float().mean(dim=(1, 2, 3))
    mixed_images = torch.where(covered.to(images.device), images[partners], images)
    return mixed_images, _mixed_targets(targets, partners, kept)


def _mixed_targets(targets: Tensor, partners: Tensor, kept: Tensor) -> Tensor:
    return torch.lerp(targets[partners], targets, kept[:, None].to(targets))


def _kept_shares(count: int, alpha: float, generator: Generator) -> Tensor:
    """Draw (count,) shares from the beta distribution of both parameters `alpha`."""
    # torch draws it from its global generator alone.
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    return torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, count).astype(np.float32))

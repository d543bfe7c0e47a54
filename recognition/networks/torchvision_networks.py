"""Torchvision's networks, wrapped once: any channels and classes, and a stem for small images."""

from typing import Any

from torch import nn
from torchvision import models


def alexnet_torchvision(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """Torchvision's AlexNet (Krizhevsky 2014): narrower, without response normalization, but published."""
    network: Any = models.alexnet(weights=None, num_classes=classes)
    if small_input:
        network.features[0] = nn.Conv2d(channels, 64, 11, padding=5)
    else:
        network.features[0] = nn.Conv2d(channels, 64, 11, stride=4, padding=2)
    return network  # type: ignore[no-any-return]


def vgg16(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """VGG-16 (Simonyan and Zisserman 2015, configuration D)."""
    return _vgg(models.vgg16, classes, channels, small_input)


def vgg19(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """VGG-19 (Simonyan and Zisserman 2015, configuration E)."""
    return _vgg(models.vgg19, classes, channels, small_input)


def resnet18(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """ResNet-18 (He et al. 2016)."""
    return _resnet(models.resnet18, classes, channels, small_input)


def resnet34(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """ResNet-34 (He et al. 2016)."""
    return _resnet(models.resnet34, classes, channels, small_input)


def resnet50(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """ResNet-50 (He et al. 2016)."""
    return _resnet(models.resnet50, classes, channels, small_input)


def resnet152(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """ResNet-152 (He et al. 2016); torchvision's, not the Keras v2 body of the webcam report."""
    return _resnet(models.resnet152, classes, channels, small_input)


def convnext_tiny(classes: int = 1000, channels: int = 3, small_input: bool = False) -> nn.Module:
    """ConvNeXt-T (Liu et al. 2022); with a small input its patches are 2 pixels wide instead of 4."""
    network: Any = models.convnext_tiny(weights=None, num_classes=classes)
    patch = network.features[0][0]
    side = 2 if small_input else patch.kernel_size[0]
    network.features[0][0] = nn.Conv2d(channels, patch.out_channels, side, stride=side)
    return network  # type: ignore[no-any-return]


def _vgg(build: Any, classes: int, channels: int, small_input: bool) -> nn.Module:
    network: Any = build(weights=None, num_classes=classes)
    network.features[0] = nn.Conv2d(channels, 64, 3, padding=1)
    if small_input:
        # 48 pixels would be one and a half after five poolings: the last is left out.
        network.features[-1] = nn.Identity()
        network.avgpool = nn.AdaptiveAvgPool2d(7)
    return network  # type: ignore[no-any-return]


def _resnet(build: Any, classes: int, channels: int, small_input: bool) -> nn.Module:
    network: Any = build(weights=None, num_classes=classes)
    if small_input:
        network.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        network.maxpool = nn.Identity()
    else:
        network.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
    return network  # type: ignore[no-any-return]

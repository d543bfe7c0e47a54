"""Architecture names and their dotted paths; a module is imported when its network is first built."""

from typing import NamedTuple


class Architecture(NamedTuple):
    """Where a network's class is, and its original input and classes."""

    path: str
    input_chw: tuple[int, int, int]
    classes: int


TORCHVISION_NETWORKS = "recognition.networks.torchvision_networks"
_IMAGENET = ((3, 224, 224), 1000)

ARCHITECTURES: dict[str, Architecture] = {
    "lenet5": Architecture("recognition.networks.lenet5:LeNet5", (1, 32, 32), 10),
    "alexnet": Architecture("recognition.networks.alexnet:AlexNet", (3, 227, 227), 1000),
    **{
        name: Architecture(f"{TORCHVISION_NETWORKS}:{name}", *_IMAGENET)
        for name in (
            "alexnet_torchvision",
            "vgg16",
            "vgg19",
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet152",
            "convnext_tiny",
        )
    },
    "se_resnet": Architecture("recognition.networks.se_resnet:SEResNet", (1, 48, 48), 7),
    "cbam_resnet": Architecture("recognition.networks.cbam_resnet:CBAMResNet", (1, 44, 44), 7),
    "light_resnet": Architecture("recognition.networks.light_resnet:LightResNet", (3, 64, 64), 7),
    "gesture_resnet": Architecture("recognition.networks.gesture_resnet:GestureResNet", (1, 32, 32), 10),
    "efficientnet_lite0": Architecture("recognition.networks.efficientnet_lite:EfficientNetLite", *_IMAGENET),
    "bknet": Architecture("recognition.networks.bknet:BKNet", (3, 256, 256), 64),
    "tiny": Architecture("recognition.networks.tiny:TinyNet", (1, 48, 48), 7),
}

# Built by ultralytics from a description, so they have no class here. `yolov8` takes the arguments `depth`,
# `width`, `max_channels` and `levels` (3, or 2 without the cells of 32 px); `yolov8n` is one choice of them.
DETECTOR_ARCHITECTURES = frozenset({"yolov8n", "yolov8"})

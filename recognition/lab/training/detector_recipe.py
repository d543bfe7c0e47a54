"""Recipes of face detectors: everything that a training run depends on, except the data and the seed."""

from typing import Any, Literal

import msgspec

from recognition.lab.training.recipe import NetworkPart
from recognition.lab.training.recipe_files import RecipeFiles

STRIDE = 32  # an image's sides are multiples of it


class DetectorDataPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is trained on besides the images of the data set.

    `leave_out`: subsets of the data set's manifest that are not trained on. `negatives`: at most so many
    images without faces, drawn by the seed from the folders given to the run. `negative_mosaics`: number of
    mosaics of four of these images. `synthetic_negatives`: number of generated images of gradients and
    patches.
    """

    leave_out: tuple[str, ...] = ()
    negatives: int = 0
    negative_mosaics: int = 0
    synthetic_negatives: int = 0


class DetectorAugmentationPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a training image may change.

    `flip`, `mosaic` and `degrade` are fractions of the images; `occlusion` is the fraction of faces with one
    side hidden. The other values are the strongest change; `scale` may also be the range of factors.
    `degrade`: images lose light, focus and detail, as in webcam video. `multi_scale`: a batch's size varies
    by this fraction of the image size.
    """

    flip: float = 0.5
    mosaic: float = 1.0
    # The last epochs use single images, as the site sends them.
    plain_last_epochs: int = 10
    rotate_deg: float = 0.0
    translate: float = 0.1
    scale: float | tuple[float, float] = 0.5
    shear_deg: float = 0.0
    hue: float = 0.015
    saturation: float = 0.7
    brightness: float = 0.4
    multi_scale: float = 0.0
    degrade: float = 0.0
    occlusion: float = 0.0


class DetectorOptimiserPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the weights are updated; the learning rate warms up, then falls to `final_share` of `lr`.

    `images_per_step`: gradients are summed over as many batches as it takes to see so many images.
    """

    kind: Literal["sgd", "adamw"] = "sgd"
    lr: float = 0.01
    final_share: float = 0.01
    schedule: Literal["linear", "cosine"] = "linear"
    momentum: float = 0.937
    weight_decay: float = 5e-4
    warmup_epochs: float = 3.0
    images_per_step: int = 64


class DetectorRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a training run of a face detector depends on, except the data and the seed.

    `network.weights` is a detector's name or a card's file; `network.weight_interpolation` is the weight of
    these in the average with the trained ones.
    """

    title: str
    epochs: int
    batch: int
    network: NetworkPart = NetworkPart("yolov8n")
    image_size: int = 320
    data: DetectorDataPart = DetectorDataPart()
    augmentation: DetectorAugmentationPart = DetectorAugmentationPart()
    optimiser: DetectorOptimiserPart = DetectorOptimiserPart()
    # Of the forward pass; auto is bf16 on CUDA.
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    # What the card says besides the figures.
    limits: tuple[str, ...] = ()
    licence: str = ""

    def __post_init__(self) -> None:
        if self.image_size < STRIDE or self.image_size % STRIDE:
            raise ValueError(f"the image size {self.image_size} is not a multiple of {STRIDE}; choose 320")
        if self.epochs < 1 or self.batch < 1:
            raise ValueError("epochs and batch must be at least 1")
        if self.data.negative_mosaics and not self.data.negatives:
            raise ValueError("mosaics are made of images without faces: set data.negatives as well")
        if self.data.negative_mosaics and self.image_size < 2 * STRIDE:
            raise ValueError("a mosaic shows four images of at least 32 px: set image_size to 64 or more")
        kept = self.network.weight_interpolation
        if not 0 <= kept < 1 or (kept and not self.network.weights):
            raise ValueError("network.weight_interpolation must be in [0, 1), and needs network.weights")

    @property
    def trainer_settings(self) -> dict[str, Any]:
        """The arguments of ultralytics' trainer, by its names."""
        augmentation, optimiser = self.augmentation, self.optimiser
        return {
            "imgsz": self.image_size,
            "epochs": self.epochs,
            "batch": self.batch,
            "fliplr": augmentation.flip,
            "mosaic": augmentation.mosaic,
            "close_mosaic": augmentation.plain_last_epochs,
            "degrees": augmentation.rotate_deg,
            "translate": augmentation.translate,
            "scale": augmentation.scale,
            "shear": augmentation.shear_deg,
            "hsv_h": augmentation.hue,
            "hsv_s": augmentation.saturation,
            "hsv_v": augmentation.brightness,
            "multi_scale": augmentation.multi_scale,
            # "auto" would choose the learning rate itself, whatever the recipe says.
            "optimizer": {"sgd": "SGD", "adamw": "AdamW"}[optimiser.kind],
            "lr0": optimiser.lr,
            "lrf": optimiser.final_share,
            "cos_lr": optimiser.schedule == "cosine",
            "momentum": optimiser.momentum,
            "weight_decay": optimiser.weight_decay,
            "warmup_epochs": optimiser.warmup_epochs,
            "nbs": optimiser.images_per_step,
        }


DETECTOR_RECIPES = RecipeFiles("detector recipe", DetectorRecipe, ("detectors",))

"""Recipes: commented TOML files with everything that a training run depends on."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from recognition.lab.training.recipe_files import RecipeFiles
from recognition.models.tasks import DEFAULT_TASK


class NetworkPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The network, and its arguments in addition to `classes` and `channels`.

    `weights`: empty for fresh ones, `published` for those its authors published, or a card's file to
    continue from; layers of another shape, such as the last one, start from random weights.
    `weight_interpolation`: of those weights in the result, 0..1.
    """

    architecture: str
    arguments: dict[str, Any] = {}
    weights: str = ""
    weight_interpolation: float = 0.0


class DataPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The training data, and how images are read.

    Splits left empty are the layout's own (Training and PublicTest, or train and val). `labels` keeps only
    these. After pixels are scaled to 0..1, `mean` is subtracted and `std` divides. `leave_out` training
    images that equal a validation image: none, exact, or near (also nearly equal ones).
    """

    size_px: int = 48
    channels: Literal[1, 3] = 1
    crop: int = 44
    mean: float = 0.0
    std: float = 1.0
    train_split: str = ""
    val_split: str = ""
    val_fraction: float = 0.0
    labels: tuple[str, ...] = ()
    leave_out: Literal["none", "exact", "near"] = "exact"
    # A budget: at most so many training images, the same share of each label; 0 for all.
    limit: int = 0


class SourcePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of several data sets to train on: the folder `name` in the data folder.

    `share`: of the images drawn; the shares of all sources add up to 1. Within a source, images are drawn by
    (1 / their label's count) to the power `balance`. `crop` says what an image is: `face`, the square that
    serving would crop, or `picture`, from which that square is cropped around the detected face.
    `face_margin`: by how much the square of `face` images is larger than the detector's box. Files are read
    as squares of `size_px`.
    `teachers`: cards whose predictions, computed once, are the fraction `teacher_share` of the targets.
    """

    name: str
    share: float
    balance: float = 0.0
    crop: Literal["face", "picture"] = "face"
    face_margin: float = 0.0
    size_px: int = 96
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.5


class DomainPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A held-out set that is measured after every epoch: a split of the folder `source`, changed or not.

    `change`: `dark` (a mean of 40 of 255), `soft` (scaled to a quarter and enlarged again) or `tight` (a
    square of .9 of the detector's box). `label_set` names the head that is measured, `wanted` the target
    accuracy: the best epoch is the one whose worst domain has the smallest shortfall from it.
    """

    name: str
    source: str
    split: str
    wanted: float
    crop: Literal["face", "picture"] = "face"
    change: Literal["none", "dark", "soft", "tight"] = "none"
    label_set: Literal["fer7", "ferplus8"] = "fer7"
    size_px: int = 96
    # A budget for each epoch: at most so many images; 0 for all.
    limit: int = 0


class MixturePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several data sets of expressions as one, for a network with the heads fer7 and ferplus8.

    Images are cropped with `loose_margin` around the detector's box and stored at `kept_px`, so that training
    can move the square; without changes it is the square that serving crops, with `margin`. An epoch draws
    `epoch_images`. The augmentation's shares grow from the fraction `shares_at_start` of the recipe's
    values to the full values over `growing_epochs`.
    """

    sources: tuple[SourcePart, ...] = ()
    domains: tuple[DomainPart, ...] = ()
    epoch_images: int = 0
    margin: float = 0.25
    loose_margin: float = 0.6
    kept_px: int = 96
    shares_at_start: float = 1.0
    growing_epochs: float = 0.0


class AugmentationPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a training image may change.

    `affine`, `light`, `cast`, `gray`, `dark`, `noise`, `erase`, `blur`, `jpeg`, `shrink` and `colour` are
    shares of the images (0..1). The other values are the strongest change; each image's is drawn evenly from
    none up to it.
    """

    flip: bool = True
    vertical_flip: bool = False
    affine: float = 0.0
    rotate_deg: float = 10.0
    translate: float = 0.05
    scale: float = 0.1
    shear_deg: float = 0.0
    light: float = 0.0
    brightness: float = 0.2
    contrast: float = 0.2
    # The exponent is drawn from 1/(1+gamma) to 1+gamma.
    gamma: float = 0.0
    # Saturation and hue of color images, and the PCA noise of Krizhevsky et al. 2012, section 4.1.
    colour: float = 0.0
    saturation: float = 0.3
    hue: float = 0.05
    pca_deviation: float = 0.0
    # A wrong white balance: each channel is multiplied by 1/(1+cast_strength) to 1+cast_strength.
    cast: float = 0.0
    cast_strength: float = 0.4
    gray: float = 0.0
    # Too little light: down to a mean of `dark_to` or more, rounded to 8 bits as a camera would.
    dark: float = 0.0
    dark_to: float = 0.1
    # A sensor's noise, of up to this deviation.
    noise: float = 0.0
    noise_deviation: float = 0.05
    blur: float = 0.0
    blur_sigma_px: float = 1.0
    # Rounding of 8 x 8 cosine blocks, as JPEGs from this quality to 100 lose detail.
    jpeg: float = 0.0
    jpeg_quality: int = 30
    # Scaled to this share of the side or more, and enlarged again; one share per batch.
    shrink: float = 0.0
    shrink_to: float = 0.5
    erase: float = 0.0
    erase_area: tuple[float, float] = (0.02, 0.15)
    # Shares of the batches in which images are blended in pairs (Zhang et al. 2018; Yun et al. 2019).
    mixup: float = 0.0
    mixup_alpha: float = 0.4
    cutmix: float = 0.0


class LossPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is minimized.

    `class_balance`: labels weigh by (1 / their count) to this power, 0 for not at all, mean weight 1.
    `auxiliary`: weight of a second head's cross-entropy to FER+'s votes. `margin` and the lambdas are
    A-Softmax's (Liu et al. 2017, section 3.4): lambda falls from `lambda_start` as
    1 / (1 + `lambda_decay` * step) to `lambda_end`.
    """

    kind: Literal["softmax", "a_softmax"] = "softmax"
    label_smoothing: float = 0.0
    class_balance: float = 0.0
    auxiliary: float = 0.0
    margin: int = 4
    lambda_start: float = 1000.0
    lambda_end: float = 5.0
    lambda_decay: float = 0.12


class DistillationPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Learn from teachers' mean probabilities as well as the labels (Hinton et al. 2015, section 2)."""

    teachers: tuple[str, ...] = ()
    temperature: float = 3.0
    share: float = 0.7


class OptimiserPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the weights are updated; the rate warms up, then falls as a cosine to `final_share` of `lr`.

    A `trapezoid` falls only in the last `cooldown_share` of the epochs, so that a run can be extended while
    it is in progress (Haegele et al. 2024).
    """

    kind: Literal["sgd", "adam", "adamw"] = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup_epochs: float = 2.0
    schedule: Literal["cosine", "constant", "trapezoid"] = "cosine"
    final_share: float = 0.001
    cooldown_share: float = 0.2
    ema: float = 0.0
    # Radius of sharpness-aware minimization (Foret et al. 2021), 0 for none: twice the work.
    sam_rho: float = 0.0
    # Share of `lr` for the layers that came with `network.weights`.
    body_lr_share: float = 1.0


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a training run depends on, except the data and the seed."""

    title: str
    network: NetworkPart
    epochs: int
    batch: int
    task: str = DEFAULT_TASK.name
    data: DataPart = DataPart()
    mixture: MixturePart = MixturePart()
    augmentation: AugmentationPart = AugmentationPart()
    loss: LossPart = LossPart()
    distillation: DistillationPart = DistillationPart()
    optimiser: OptimiserPart = OptimiserPart()
    # The last epochs see plain images (flips and crops alone), which are what the site will send.
    plain_last_epochs: int = 0
    # auto: the faster of fp32 and bf16, contiguous and channels_last, measured at the first start.
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    # What the card says beside the figures.
    limits: tuple[str, ...] = ()
    licence: str = ""


RECIPES = RecipeFiles("recipe", Recipe, ("best", "paper"))


def find_recipe(name: str) -> Path:
    """Return the file of a recipe, by path or by its name under `recipes/` (`best/se_resnet`)."""
    return RECIPES.find(name)


def list_recipes() -> list[str]:
    """Return the name of every recipe that ships, sorted."""
    return RECIPES.names()


def load_recipe(file: Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe and apply `key=value` overrides (`optimiser.lr=0.05`); raise RecipeError."""
    return RECIPES.load(file, overrides)

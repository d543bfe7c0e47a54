"""Recipes: commented TOML files that say everything a training depends on."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from recognition.errors import RecipeError

RECIPES_FOLDER = Path(__file__).parent.parent / "recipes"


class NetworkPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which net, and with which arguments beside `classes`."""

    architecture: str
    arguments: dict[str, Any] = {}


class DataPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which splits of the data are learnt from and chosen on."""

    train_split: str = "Training"
    val_split: str = "PublicTest"
    crop: int = 44


class AugmentationPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a training picture may change; `affine`, `light` and `erase` are shares of the pictures."""

    flip: bool = True
    affine: float = 0.0
    rotate_deg: float = 10.0
    translate: float = 0.05
    scale: float = 0.1
    light: float = 0.0
    brightness: float = 0.2
    contrast: float = 0.2
    erase: float = 0.0
    erase_area: tuple[float, float] = (0.02, 0.15)


class OptimiserPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the weights move; the rate warms up, then falls as a cosine to `final_share` of `lr`."""

    kind: str = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup_epochs: float = 2.0
    schedule: str = "cosine"
    final_share: float = 0.001
    label_smoothing: float = 0.0
    ema: float = 0.0


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a training depends on, beside the data and the seed."""

    title: str
    network: NetworkPart
    epochs: int
    batch: int
    data: DataPart = DataPart()
    augmentation: AugmentationPart = AugmentationPart()
    optimiser: OptimiserPart = OptimiserPart()
    # The last epochs see plain pictures (flips and crops alone), which are what the site will send.
    plain_last_epochs: int = 0


def find_recipe(name: str) -> Path:
    """Give the file of a recipe, by path or by its name under `recipes/` (`best/se_resnet`)."""
    for candidate in (Path(name), RECIPES_FOLDER / f"{name}.toml"):
        if candidate.is_file():
            return candidate
    raise RecipeError(
        f"There is no recipe {name!r}; choose one of {', '.join(list_recipes())}, or give a file."
    )


def list_recipes() -> list[str]:
    """Name every recipe that ships, sorted."""
    return sorted(
        file.relative_to(RECIPES_FOLDER).with_suffix("").as_posix() for file in RECIPES_FOLDER.rglob("*.toml")
    )


def load_recipe(file: Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe and apply `key=value` overrides (`optimiser.lr=0.05`); values are written as in TOML."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{file} cannot be read as TOML: {error}.") from error
    for override in overrides:
        _apply(content, override)
    try:
        return msgspec.convert(content, Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{file}: {error}.") from error


def _apply(content: dict[str, Any], override: str) -> None:
    """Set one `section.key=value` in the parsed recipe."""
    key, separator, text = override.partition("=")
    *sections, last = key.strip().split(".")
    if not separator or not last:
        raise RecipeError(f"--set takes key=value, such as epochs=10, not {override!r}.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    target = content
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise RecipeError(f"--set {override}: {section} is a value, not a section.")
    target[last] = value

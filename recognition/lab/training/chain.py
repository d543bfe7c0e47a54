"""Chains: TOML files with the steps by which served weights are trained, their parents and seeds."""

from pathlib import Path

import msgspec

from recognition.errors import RecipeError
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES
from recognition.lab.training.recipe import RECIPES
from recognition.lab.training.recipe_files import RecipeFiles
from recognition.networks.loading import PUBLISHED


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    """One step: it writes the weights `name`, from data sets that are named as folders below `--data`.

    `hours`: how long it took on two CPU cores when the served weights were trained, 0 if unknown.
    """

    name: str
    data: str
    seed: int = 0
    hours: float = 0.0

    @property
    def kind(self) -> str:
        """What it does, as written in the chain."""
        return str(self.__struct_config__.tag)

    @property
    def parents(self) -> tuple[str, ...]:
        """The steps whose results it needs."""
        return ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders below `--data` that it reads."""
        return (self.data,)


class TrainStep(Step, frozen=True, tag="train"):
    """Train a network from a recipe.

    `weights` and `teachers` name the earlier steps that stand for the files in the recipe's `network.weights`
    and `distillation.teachers`.
    """

    recipe: str
    weights: str = ""
    teachers: tuple[str, ...] = ()

    @property
    def parents(self) -> tuple[str, ...]:
        """The step that it continues, and those that it is distilled from."""
        return tuple(dict.fromkeys([*filter(None, [self.weights]), *self.teachers]))


class TrainDetectorStep(Step, frozen=True, tag="train-detector"):
    """Train a face detector from a recipe.

    `weights` names the earlier step that stands for the file in the recipe's `network.weights`; `negatives`
    are folders of images without faces, `backgrounds` one in which the live threshold is set.
    """

    recipe: str
    weights: str = ""
    negatives: tuple[str, ...] = ()
    backgrounds: str = ""

    @property
    def parents(self) -> tuple[str, ...]:
        """The step that it continues."""
        return (self.weights,) if self.weights else ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The data set, and the folders of images without faces."""
        return (self.data, *self.negatives, *filter(None, [self.backgrounds]))


class UnknownImages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A folder of images that show none of a model's labels; at most `limit` of them, drawn by the seed."""

    folder: str
    limit: int = 0


class FitRejectionStep(Step, frozen=True, tag="fit-rejection"):
    """Add the output that rejects unknown images; its threshold keeps the share `keep` of the val images."""

    model: str
    unknown: tuple[UnknownImages, ...]
    keep: float = 0.95

    @property
    def parents(self) -> tuple[str, ...]:
        """The step whose model gets the output."""
        return (self.model,)

    @property
    def folders(self) -> tuple[str, ...]:
        """The model's data set, and the unknown images."""
        return (self.data, *(images.folder for images in self.unknown))


class SetThresholdStep(Step, frozen=True, tag="set-threshold"):
    """Set the confidence below which a model is uncertain, where it was chosen by hand."""

    model: str
    uncertain: float

    @property
    def parents(self) -> tuple[str, ...]:
        """The step whose model gets the threshold."""
        return (self.model,)


AnyStep = TrainStep | TrainDetectorStep | FitRejectionStep | SetThresholdStep


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The steps in order; those of the chain that it `extends` come first."""

    title: str
    steps: tuple[AnyStep, ...]
    extends: str = ""


class ChainStep(msgspec.Struct, frozen=True):
    """A step, and the name of the chain that lists it."""

    chain: str
    step: AnyStep


CHAINS = RecipeFiles("chain", Chain, ("chains",))


def list_chains() -> list[str]:
    """Return the names of the weights that can be reproduced, sorted."""
    return [name.removeprefix("chains/") for name in CHAINS.names()]


def read_chain(name: str) -> tuple[ChainStep, ...]:
    """Return all steps to the weights `name`, or to the last step of a TOML file; raise RecipeError."""
    if not Path(name).is_file() and name not in list_chains():
        raise RecipeError(
            f"There is no chain {name!r}; choose one of {', '.join(list_chains())}, or pass a file."
        )
    file = Path(name) if Path(name).is_file() else CHAINS.find(f"chains/{name}")
    chain = CHAINS.load(file)
    before = read_chain(chain.extends) if chain.extends else ()
    steps = (*before, *(ChainStep(file.stem, step) for step in chain.steps))
    _check(file, steps)
    return steps


def _check(file: Path, steps: tuple[ChainStep, ...]) -> None:
    """Raise RecipeError for steps that cannot run in this order, or that do not fit their recipes."""
    known: set[str] = set()
    for step in (each.step for each in steps):
        if missing := [parent for parent in step.parents if parent not in known]:
            raise RecipeError(
                f"{file}: {step.name} needs {', '.join(missing)}, which no earlier step writes."
            )
        if step.name in known:
            raise RecipeError(f"{file}: two steps are named {step.name}.")
        known.add(step.name)
        _check_recipe(file, step)
    if not steps or steps[-1].step.name != file.stem:
        raise RecipeError(f"{file}: the last step writes the weights {file.stem} and must have that name.")


def _check_recipe(file: Path, step: AnyStep) -> None:
    teachers = 0
    if isinstance(step, TrainStep):
        recipe = RECIPES.load(RECIPES.find(step.recipe))
        start, teachers = recipe.network.weights, len(recipe.distillation.teachers)
    elif isinstance(step, TrainDetectorStep):
        start = DETECTOR_RECIPES.load(DETECTOR_RECIPES.find(step.recipe)).network.weights
    else:
        return
    if bool(step.weights) != (start not in ("", PUBLISHED)):
        raise RecipeError(f"{file}: {step.name} and {step.recipe} must either both name weights or neither.")
    if isinstance(step, TrainStep) and len(step.teachers) != teachers:
        raise RecipeError(f"{file}: {step.name} and {step.recipe} differ in the number of teachers.")

"""A participant in a comparison: a recipe with its own name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from recognition.errors import RecipeError
from recognition.lab.training.recipe import Recipe, find_recipe, load_recipe


@dataclass(frozen=True)
class Entrant:
    """A recipe with its overrides applied; `name` is its sub-folder, its weights and its row in a report."""

    name: str
    recipe_name: str
    recipe: Recipe


@dataclass(frozen=True)
class Budget:
    """What changes every recipe alike; None leaves it as it is."""

    epochs: int | None = None
    limit: int | None = None
    overrides: tuple[str, ...] = ()

    def applied(self, recipe_name: str, overrides: Sequence[str] = ()) -> Recipe:
        """Read a recipe, set values, and fit it to the budget; raise RecipeError."""
        recipe = load_recipe(find_recipe(recipe_name), (*overrides, *self.overrides))
        if self.epochs is not None:
            recipe = in_epochs(recipe, self.epochs)
        if self.limit is not None:
            recipe = replace(recipe, data=replace(recipe.data, limit=self.limit))
        return recipe


def in_epochs(recipe: Recipe, epochs: int) -> Recipe:
    """A longer or shorter training of the same shape: warm-up and plain last epochs keep their shares."""
    if epochs < 1:
        raise RecipeError(f"--epochs must be 1 or more, not {epochs}.")
    share = epochs / recipe.epochs
    return replace(
        recipe,
        epochs=epochs,
        plain_last_epochs=round(recipe.plain_last_epochs * share),
        optimiser=replace(recipe.optimiser, warmup_epochs=recipe.optimiser.warmup_epochs * share),
    )


def read_entrants(recipe_names: Sequence[str], budget: Budget) -> tuple[Entrant, ...]:
    """Read the recipes to compare; raise RecipeError for one missing, named twice, or with other labels."""
    if len(set(recipe_names)) < len(recipe_names):
        raise RecipeError("A recipe is listed twice; list each one once.")
    stems = Counter(Path(name).stem for name in recipe_names)
    entrants = tuple(
        Entrant(
            Path(name).stem if stems[Path(name).stem] == 1 else _long_name(name),
            short_name(name),
            budget.applied(name),
        )
        for name in recipe_names
    )
    if len({entrant.recipe.data.labels for entrant in entrants}) > 1:
        raise RecipeError(
            "The recipes learn different labels; set the same labels for all with --set data.labels=[...]."
        )
    return entrants


def short_name(path: str) -> str:
    """A path as a report shows it: what leads through this machine's folders is cut to its last name."""
    return Path(path).name if Path(path).is_absolute() or ".." in Path(path).parts else path


def _long_name(recipe_name: str) -> str:
    """`paper/se_resnet` and `best/se_resnet` in one comparison are distinguished by their folders."""
    return "-".join(Path(recipe_name).with_suffix("").parts[-2:])

"""Cross-validation of one recipe, by image or by person: the CBAM-ResNet paper's protocol for JAFFE."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from recognition.errors import DataError
from recognition.lab.comparison.answers import Answers
from recognition.lab.comparison.attempt import Attempt, Say, Terms
from recognition.lab.comparison.entrant import Budget, Entrant, short_name
from recognition.lab.comparison.jaffe import is_jaffe, read_jaffe
from recognition.lab.data.data_set import read_data_set
from recognition.lab.data.folds import folds
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.recipe import DataPart
from recognition.lab.training.splits import TrainingData, in_order_of

# KA.AN1.39.png and ka_007.png both show KA, or ka.
PERSON = re.compile(r"([^._]+)[._].*\.\w+")


@dataclass(frozen=True)
class Whole:
    """All images of a data set, whatever splits it has, with its name and what there is to say about it."""

    name: str
    data: LabelledImages
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """One fold's answers, whom it held out, and what its training took."""

    name: str
    data_name: str
    answers: Answers
    persons: tuple[str, ...]
    train_images: int
    train_s: float
    train_device: str


def read_fine_tuning(recipe_name: str, pretrained: Path | None, budget: Budget) -> Entrant:
    """A recipe, going on from the card's file `pretrained` (its weights lie beside) where there is one."""
    weights = () if pretrained is None else (f"network.weights={pretrained.with_suffix('.json')}",)
    return Entrant(Path(recipe_name).stem, short_name(recipe_name), budget.applied(recipe_name, weights))


def cross_validate(
    entrant: Entrant, terms: Terms, count: int, by: Literal["image", "person"], out: Path, say: Say
) -> tuple[Fold, ...]:
    """Train once for each fold on the others, and evaluate on the fold; resume from the results in `out`.

    The network of the last epoch is asked: no fold chooses anything. Raises DataError, RecipeError.
    """
    whole = read_whole(terms.data, entrant.recipe.data)
    for note in whole.notes:
        say(note)
    data = in_order_of(entrant.recipe.network.weights, whole.data)
    if by == "person":
        data = with_persons(data)
    outcomes = []
    for number, (train, val) in enumerate(folds(data, count, by == "person", terms.seed), start=1):
        name = f"fold-{number}"
        read = partial(TrainingData, whole.name, f"all but {name}", data.at(train), name, data.at(val), {})
        attempt = Attempt(replace(entrant, name=name), terms, out / name, read, say)
        attempt.keep_plan(folds=count, by=by)
        persons = data.groups[val].tolist() if by == "person" and data.groups is not None else ()
        outcomes.append(_outcome(attempt, whole.name, tuple(sorted(set(persons)))))
    return tuple(outcomes)


def _outcome(attempt: Attempt, data_name: str, persons: tuple[str, ...]) -> Fold:
    name, card = attempt.entrant.name, attempt.card()
    answers = attempt.answers(card, name)
    attempt.say(f"{name}: accuracy {answers.figures['accuracy']:.4f}, n = {len(answers.targets)}")
    training = card.training
    return Fold(name, data_name, answers, persons, training.images, training.seconds, training.device)


def read_whole(path: Path, part: DataPart) -> Whole:
    """Read every image that is there: JAFFE's flat folder, or any data set with its splits put together."""
    if is_jaffe(path):
        data, unreadable = read_jaffe(path, part.size_px, part.channels)
        chosen, left_out = data.in_labels(part.labels or data.labels)
        notes: tuple[str, ...] = (f"{left_out} images of other labels left out",) if left_out else ()
        return Whole("JAFFE", chosen, (*notes, *(f"skipped {line}" for line in unreadable)))
    read = read_data_set(path, size_px=part.size_px, channels=part.channels, labels=part.labels)
    notes = (*read.notes, *(f"skipped {line}" for line in read.unreadable))
    return Whole(read.name, _together(list(read.splits.values())), notes)


def _together(splits: Sequence[LabelledImages]) -> LabelledImages:
    """One after the other; names and groups where all have them."""
    names = [split.names for split in splits if split.names is not None]
    groups = [split.groups for split in splits if split.groups is not None]
    return LabelledImages(
        np.concatenate([split.images for split in splits]),
        np.concatenate([split.targets for split in splits]),
        splits[0].labels,
        np.concatenate(names) if len(names) == len(splits) else None,
        np.concatenate(groups) if len(groups) == len(splits) else None,
    )


def with_persons(data: LabelledImages) -> LabelledImages:
    """Group the images by person, from the files' names where the data does not; raise DataError."""
    if data.groups is not None:
        return data
    names = [] if data.names is None else [str(name) for name in data.names]
    persons = [PERSON.fullmatch(name.rpartition("/")[2]) for name in names]
    nameless = [name for name, person in zip(names, persons, strict=True) if person is None]
    if nameless or not names:
        example = nameless[0] if nameless else "the data"
        raise DataError(
            f"{example} does not name the person shown; start each file's name with the person, such as "
            "KA.AN1.39.png or ka_007.png, or give --by image."
        )
    return replace(data, groups=np.array([person[1] for person in persons if person]))

"""Runs the steps of a chain one after another; complete steps are skipped, interrupted ones resumed."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import numpy as np

from recognition.errors import DataError, RecipeError, WeightsError
from recognition.lab.evaluation.rejection import read_known, read_unknown
from recognition.lab.evaluation.test_time_augmentation import TTA
from recognition.lab.export.graph import write_graph
from recognition.lab.training.chain import (
    AnyStep,
    ChainStep,
    FitRejectionStep,
    SetThresholdStep,
    TrainDetectorStep,
    TrainStep,
    UnknownImages,
)
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES, DetectorRecipe
from recognition.lab.training.detector_run import DetectorRun
from recognition.lab.training.recipe import RECIPES, Recipe
from recognition.lab.training.rejection import add_rejection
from recognition.lab.training.run import train_from_recipe
from recognition.models.cards import Card, load_card, save_card, verified_weights, weights_file
from recognition.models.graphs import find_graph
from recognition.types import UInt8Array

Report = Callable[[str], None]

SETTINGS_FILE = "step.json"
# A quick run checks that all steps work; its weights are of no use.
QUICK_BATCH, QUICK_IMAGES = 8, 64


@dataclass(frozen=True)
class Reproduction:
    """A run of a chain: `data` contains the data sets' folders; `out` gets a folder for each step."""

    steps: tuple[ChainStep, ...]
    data: Path
    out: Path
    device: str
    report: Report
    quick: bool = False
    workers: int = 8

    def run(self) -> Card:
        """Complete all steps and return the card of the last one.

        Raises DataError before the first step if a data set is missing, RecipeError for a step that was
        started with other settings, and what the steps raise.
        """
        self._check_folders()
        hours = _Hours([each.step.hours for each in self.steps])
        for number, each in enumerate(self.steps):
            title = f"[{number + 1}/{len(self.steps)}] {each.step.name}"
            if self.is_complete(each):
                self.report(f"{title}: complete")
                continue
            self.report(f"{title}: {each.step.kind}")
            started = monotonic()
            _StepRun(self, each, _with_title(title, self.report)).run()
            hours.add(number, monotonic() - started)
            self.report(f"{title}: complete{hours.left_after(number)}")
        last = self.steps[-1].step
        return load_card(self.folder(last.name) / f"{last.name}.json")

    def folder(self, name: str) -> Path:
        """The folder of a step."""
        return self.out / name

    def is_complete(self, each: ChainStep) -> bool:
        """Whether a step's result exists, made with the same settings; raise RecipeError for others."""
        folder = self.folder(each.step.name)
        settings = folder / SETTINGS_FILE
        if not settings.is_file():
            return False
        if not self._parents_are_there(each.step) or settings.read_bytes() != self.settings(each.step):
            raise RecipeError(
                f"{folder} was started with other settings, recipes or parents; delete it, or choose another "
                "--out."
            )
        try:
            card = load_card(folder / f"{each.step.name}.json")
            verified_weights(card, folder)
            find_graph(card, folder)
        except WeightsError:
            return False
        return card.training.chain == each.chain

    def settings(self, step: AnyStep) -> bytes:
        """Everything that a step's result depends on, except the data: its parents by their hashes."""
        recipe: Recipe | DetectorRecipe | None = None
        if isinstance(step, TrainStep):
            recipe = self.recipe(step)
        elif isinstance(step, TrainDetectorStep):
            recipe = self.detector_recipe(step)
        parents = {name: self.parent(name).sha256 for name in step.parents}
        content = {"step": step, "recipe": recipe, "parents": parents, "quick": self.quick}
        return msgspec.json.encode(content)

    def parent(self, name: str) -> Card:
        """The card that an earlier step wrote."""
        return load_card(self.folder(name) / f"{name}.json")

    def recipe(self, step: TrainStep) -> Recipe:
        """The recipe of a step, reduced in a quick run."""
        recipe = RECIPES.load(RECIPES.find(step.recipe))
        return _quick(recipe) if self.quick else recipe

    def detector_recipe(self, step: TrainDetectorStep) -> DetectorRecipe:
        """The recipe of a detector's step, reduced in a quick run."""
        recipe = DETECTOR_RECIPES.load(DETECTOR_RECIPES.find(step.recipe))
        return msgspec.structs.replace(recipe, epochs=1, batch=QUICK_BATCH) if self.quick else recipe

    def _parents_are_there(self, step: AnyStep) -> bool:
        return all((self.folder(name) / f"{name}.json").is_file() for name in step.parents)

    def _check_folders(self) -> None:
        if missing := missing_folders(self.steps, self.data):
            raise DataError(f"{self.data} has no {', '.join(missing)}; put the data sets (or links) there.")


def missing_folders(steps: Sequence[ChainStep], data: Path) -> list[str]:
    """Return the folders that the steps read and that are not below `data`, sorted."""
    needed = {folder for each in steps for folder in each.step.folders}
    return sorted(folder for folder in needed if not (data / folder).exists())


def _with_title(title: str, report: Report) -> Report:
    return lambda line: report(f"{title}: {line}")


class _Hours:
    """How long the remaining steps will take, from the hours in the chain and the speed here."""

    def __init__(self, expected: Sequence[float]) -> None:
        self._expected = expected
        self._spent = self._expected_of_spent = 0.0

    def add(self, number: int, seconds: float) -> None:
        """Note how long a step took here."""
        if self._expected[number]:
            self._spent += seconds / 3600
            self._expected_of_spent += self._expected[number]

    def left_after(self, number: int) -> str:
        """Return the end of a progress line."""
        left = sum(self._expected[number + 1 :])
        if self._expected_of_spent:
            left *= self._spent / self._expected_of_spent
        return f"; about {left:.1f} h left" if left else ""


@dataclass(frozen=True)
class _StepRun:
    """One step of a reproduction."""

    whole: Reproduction
    each: ChainStep
    report: Report

    def run(self) -> None:
        """Complete the step: weights first, then their card, which names the chain, written atomically."""
        step = self.each.step
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / SETTINGS_FILE).write_bytes(self.whole.settings(step))
        if isinstance(step, TrainStep):
            card = self._train(step)
        elif isinstance(step, TrainDetectorStep):
            card = self._train_detector(step)
        elif isinstance(step, FitRejectionStep):
            card = self._fit_rejection(step)
        else:
            card = self._set_threshold(step)
        training = msgspec.structs.replace(card.training, chain=self.each.chain)
        save_card(msgspec.structs.replace(card, training=training), self.folder)

    @property
    def folder(self) -> Path:
        """The step's own folder."""
        return self.whole.folder(self.each.step.name)

    def _train(self, step: TrainStep) -> Card:
        recipe = self.whole.recipe(step)
        if step.weights:
            network = msgspec.structs.replace(recipe.network, weights=self._weights(step.weights))
            recipe = msgspec.structs.replace(recipe, network=network)
        teachers = tuple(map(self._weights, step.teachers))
        distillation = msgspec.structs.replace(recipe.distillation, teachers=teachers)
        return train_from_recipe(
            msgspec.structs.replace(recipe, distillation=distillation),
            step.name,
            step.recipe,
            self.whole.data / step.data,
            self.folder,
            device=self.whole.device,
            seed=step.seed,
            resume=True,
            report=self.report,
            views=TTA[:1] if self.whole.quick else TTA,
        )

    def _train_detector(self, step: TrainDetectorStep) -> Card:
        from recognition.lab.training.detector import can_resume, train_detector
        from recognition.lab.training.detector_result import save_result

        recipe = self.whole.detector_recipe(step)
        data = self.whole.data
        run = DetectorRun(
            recipe,
            data / step.data,
            self.folder,
            device=self.whole.device,
            seed=step.seed,
            start=Path(self._weights(step.weights)) if step.weights else None,
            negatives=tuple(data / folder for folder in step.negatives),
            limit=QUICK_IMAGES if self.whole.quick else 0,
            workers=self.whole.workers,
        )
        trained = train_detector(run, step.recipe, resume=can_resume(self.folder), report=self.report)
        backgrounds = data / step.backgrounds if step.backgrounds else None
        return save_result(trained, recipe, step.name, run.data, self.folder, self.report, backgrounds)

    def _fit_rejection(self, step: FitRejectionStep) -> Card:
        card = self._copy(step.model)
        data = self.whole.data
        known, held_out = (read_known(data / step.data, split, card) for split in ("train", "val"))
        unknown = [self._unknown(images, card) for images in step.unknown]
        return add_rejection(
            card,
            self.folder,
            known.pixels,
            np.concatenate(unknown),
            held_out.pixels,
            self.folder,
            step.keep,
            self.whole.device,
        )

    def _unknown(self, images: UnknownImages, card: Card) -> UInt8Array:
        pixels = read_unknown(self.whole.data / images.folder, card).pixels
        if not 0 < images.limit < len(pixels):
            return pixels
        chosen = np.random.default_rng(self.each.step.seed).permutation(len(pixels))[: images.limit]
        return pixels[np.sort(chosen)]

    def _set_threshold(self, step: SetThresholdStep) -> Card:
        card = self._copy(step.model)
        write_graph(card, self.folder)
        return msgspec.structs.replace(card, thresholds={**card.thresholds, "uncertain": step.uncertain})

    def _weights(self, parent: str) -> str:
        return str(weights_file(self.whole.parent(parent), self.whole.folder(parent)))

    def _copy(self, parent: str) -> Card:
        """Copy a parent's weights under this step's name; return its card under that name."""
        card = msgspec.structs.replace(self.whole.parent(parent), name=self.each.step.name)
        shutil.copyfile(self._weights(parent), weights_file(card, self.folder))
        return card


def _quick(recipe: Recipe) -> Recipe:
    """Reduce a recipe to one epoch of a few images."""
    changes: dict[str, Any] = {
        "epochs": 1,
        "plain_last_epochs": 0,
        "batch": QUICK_BATCH,
        "data": msgspec.structs.replace(recipe.data, limit=QUICK_IMAGES),
    }
    return msgspec.structs.replace(recipe, **changes)

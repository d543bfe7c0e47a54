"""Writes a trained network's served files: half-precision weights, measured after rounding, and a card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from recognition.lab.data.labelled import LabelledImages
from recognition.lab.data.split import Split
from recognition.lab.evaluation.classification import answers_in, evaluate_answers
from recognition.lab.evaluation.metrics import fit_calibration, uncertain_threshold
from recognition.lab.evaluation.test_time_augmentation import TTA, tta_logits
from recognition.lab.training.card_texts import EMOTION_LIMITS, FER2013_LICENCE, LICENCE
from recognition.lab.training.recipe import DataPart, Recipe
from recognition.lab.training.splits import TrainingData
from recognition.models.calibration import Calibration
from recognition.models.cards import Card, CardInput, CardTraining, Evaluation, Head, file_sha256, save_card
from recognition.models.labels import label_positions, label_sets_of
from recognition.models.tasks import DEFAULT_TASK, LABEL_SETS
from recognition.networks.loading import FromPixels
from recognition.types import FloatArray

# What the site uses: no test-time augmentation.
SERVED_TTA = "1"
# A model that is right often enough at any confidence is still uncertain below this one.
LEAST_THRESHOLD = 0.4


@dataclass(frozen=True)
class TrainingFacts:
    """What a card records about its training in addition to the recipe."""

    recipe_name: str
    data_name: str
    seed: int
    images: int
    seconds: float
    device: str


def save_result(
    name: str,
    network: nn.Module,
    recipe: Recipe,
    data: TrainingData,
    facts: TrainingFacts,
    folder: Path,
    views: Sequence[str] = TTA,
) -> Card:
    """Write `<name>.safetensors` and its card into `folder`; figures are of the rounded weights, in `views`.

    Calibration and threshold are fitted on the split that choices are made on; further held-out splits, such
    as test, are measured beside it.
    """
    weights = save_rounded(name, network, folder)
    measured = _Measured(network, card_input(recipe.data), torch.device(facts.device))
    served_first = (SERVED_TTA, *(name for name in views if name != SERVED_TTA))
    figures = _measured(measured, data, served_first, recipe.loss.auxiliary > 0)
    card = card_of(weights, network, recipe, facts, card_input(recipe.data), data.val.labels, figures)
    save_card(card, folder)
    return card


def save_rounded(name: str, network: nn.Module, folder: Path) -> Path:
    """Write `<name>.safetensors` in half precision, and round the network's own weights alike."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {key: _rounded(tensor) for key, tensor in network.state_dict().items() if _is_kept(key)}
    weights = folder / f"{name}.safetensors"
    save_file(state, weights)
    network.load_state_dict({key: tensor.float() for key, tensor in state.items()}, strict=False)
    return weights


def card_of(
    weights: Path,
    network: nn.Module,
    recipe: Recipe,
    facts: TrainingFacts,
    takes: CardInput,
    labels: tuple[str, ...],
    figures: dict[str, Any],
) -> Card:
    """Make the card of a weights file; `figures` are its fields that were measured."""
    emotion = recipe.task == DEFAULT_TASK.name
    return Card(
        name=weights.stem,
        title=recipe.title,
        task=recipe.task,
        architecture=recipe.network.architecture,
        arguments=dict(recipe.network.arguments),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        sha256=file_sha256(weights),
        input=takes,
        labels=labels,
        training=CardTraining(
            facts.recipe_name,
            trained_on(recipe, facts.data_name),
            facts.seed,
            recipe.epochs,
            facts.images,
            round(facts.seconds),
            facts.device,
        ),
        limits=recipe.limits or (EMOTION_LIMITS if emotion else ()),
        licence=recipe.licence or (FER2013_LICENCE if emotion else LICENCE),
        **figures,
    )


def trained_on(recipe: Recipe, data_name: str) -> str:
    """Name all training sources of a recipe: the data, FER+'s votes on it, and distillation teachers."""
    votes = ", with FER+ votes for the same images" if recipe.loss.auxiliary else ""
    files = [
        *recipe.distillation.teachers,
        *(file for part in recipe.mixture.sources for file in part.teachers),
    ]
    teachers = ", ".join(sorted({Path(file).stem for file in files}))
    return data_name + votes + (f", distilled from {teachers}" if teachers else "")


def card_input(part: DataPart) -> CardInput:
    """What a network trained so takes."""
    return CardInput(part.size_px, part.size_px, part.channels, part.mean, part.std)


@dataclass(frozen=True)
class _Measured:
    """A network to be measured where it was trained."""

    network: nn.Module
    card_input: CardInput
    device: torch.device

    def answers(self, asked: LabelledImages, views: Sequence[str], first: int) -> dict[str, FloatArray]:
        """Logits (n, labels) of the head whose own start at `first`, by test-time augmentation."""
        head = FromPixels(self.network, self.card_input, len(asked.labels), first)
        return {name: tta_logits(head, asked.images, name, self.device) for name in views}


def _measured(network: _Measured, data: TrainingData, views: Sequence[str], second: bool) -> dict[str, Any]:
    """Calibration, threshold and evaluations of a network; `second` adds its head for FER+'s labels."""
    heads: list[Head] = []
    evaluations = []
    for number in range(1 + second):
        first = sum(len(head.labels) for head in heads)
        for split_name, split in {data.val_name: data.val, **data.others}.items():
            asked = _question(split, number)
            answers = network.answers(asked, views, first)
            if split is data.val:
                heads.append(_fitted_head(answers[SERVED_TTA], asked, first))
            evaluations += _evaluations(answers, heads[-1], data.name, split_name, asked)
    return {
        **heads[0].calibration._asdict(),
        "temperature_views": SERVED_TTA,
        "thresholds": {"uncertain": heads[0].uncertain},
        "evaluations": tuple(evaluations),
        "more_heads": tuple(heads[1:]),
    }


def _question(split: LabelledImages, head: int) -> LabelledImages:
    """What a head is asked: a split's images with the labels that are right for it."""
    return split.by_majority() if head else split


def _fitted_head(logits: FloatArray, asked: LabelledImages, first: int) -> Head:
    fitted = Calibration(*(round(number, 4) for number in fit_calibration(logits, asked.targets)))
    threshold = uncertain_threshold(fitted.probabilities(logits), asked.targets)
    return Head(asked.labels, fitted.temperature, max(threshold, LEAST_THRESHOLD), first, fitted.damping)


def _evaluations(
    answers: dict[str, FloatArray], head: Head, data_name: str, split_name: str, held_out: LabelledImages
) -> list[Evaluation]:
    """Accuracy by label set and augmentation, each with its interval; FER+'s labels only as one set."""
    names = ("ferplus8",) if head.first else label_sets_of(held_out.labels)
    label_sets = {f"accuracy {name}": LABEL_SETS[name] for name in names}
    evaluations = []
    for metric, labels in (label_sets or {"accuracy": held_out.labels}).items():
        chosen, left_out = held_out.in_labels(labels)
        kept = np.isin(held_out.targets, label_positions(held_out.labels, labels))
        for views, logits in answers.items():
            answers_kept = answers_in(logits[kept], head, labels)
            report = evaluate_answers(answers_kept, Split(split_name, chosen, left_out))
            evaluations.append(
                Evaluation(
                    data=data_name,
                    split=split_name,
                    n=report["n"],
                    views=views,
                    metric=metric,
                    value=round(report["accuracy"], 4),
                    ci95=(round(report["ci95"][0], 4), round(report["ci95"][1], 4)),
                )
            )
    return evaluations


def _is_kept(key: str) -> bool:
    # The count of batches seen serves training alone.
    return not key.endswith("num_batches_tracked")


def _rounded(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", torch.float16).contiguous()

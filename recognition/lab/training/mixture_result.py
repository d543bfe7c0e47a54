"""Writes the served files of a network that was trained on a mixture, calibrated across its domains."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from recognition.lab.evaluation.metrics import fit_calibration, uncertain_threshold
from recognition.lab.training.domains import HEADS, Domain, DomainFigures, logits_of
from recognition.lab.training.recipe import Recipe
from recognition.lab.training.result import (
    LEAST_THRESHOLD,
    SERVED_TTA,
    TrainingFacts,
    card_input,
    card_of,
    save_rounded,
)
from recognition.models.calibration import Calibration
from recognition.models.cards import Card, Evaluation, Head, save_card
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import FromPixels
from recognition.types import FloatArray

DRAWS = 200


def save_mixture_result(
    name: str,
    network: nn.Module,
    recipe: Recipe,
    domains: Sequence[Domain],
    facts: TrainingFacts,
    folder: Path,
) -> Card:
    """Write `<name>.safetensors` and its card into `folder`; figures are of the rounded weights.

    Calibrations and thresholds are fitted on one half of every domain, with equal weights, and calibration is
    measured on the other halves.
    """
    weights = save_rounded(name, network, folder)
    takes = msgspec.structs.replace(card_input(recipe.data), channels=3, margin=recipe.mixture.margin)
    pixels = FromPixels(network, takes)
    answers = [
        domain.answers(logits_of(pixels, domain.images, torch.device(facts.device))) for domain in domains
    ]
    heads = [_fitted_head(label_set, domains, answers) for label_set in HEADS]
    figures = {
        **heads[0].calibration._asdict(),
        "temperature_views": SERVED_TTA,
        "thresholds": {"uncertain": heads[0].uncertain},
        "evaluations": tuple(
            evaluation
            for domain, logits in zip(domains, answers, strict=True)
            for evaluation in _evaluations(domain, logits, heads)
        ),
        "more_heads": tuple(heads[1:]),
    }
    card = card_of(weights, network, recipe, facts, takes, heads[0].labels, figures)
    save_card(card, folder)
    return card


def is_fitted_on(names: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Mark the half (n,) that calibrations are fitted on, by a hash of the images' names."""
    return np.array([hashlib.sha256(str(name).encode()).digest()[0] % 2 == 0 for name in names], np.bool_)


def _fitted_head(label_set: str, domains: Sequence[Domain], answers: Sequence[FloatArray]) -> Head:
    """Fit a head's calibration and threshold to the domains that use it, each with the same weight."""
    asked = [
        (logits[half], domain.targets[half])
        for domain, logits in zip(domains, answers, strict=True)
        if domain.part.label_set == label_set
        for half in [is_fitted_on(domain.names)]
    ]
    if not asked:
        return Head(LABEL_SETS[label_set], 1.0, LEAST_THRESHOLD, HEADS[label_set])
    # Domains with few images are repeated, so that the largest does not decide.
    most = max(len(targets) for _, targets in asked)
    repeated = [np.arange(most) % len(targets) for _, targets in asked]
    logits = np.concatenate([part[rows] for (part, _), rows in zip(asked, repeated, strict=True)])
    targets = np.concatenate([part[rows] for (_, part), rows in zip(asked, repeated, strict=True)])
    fitted = Calibration(*(round(number, 4) for number in fit_calibration(logits, targets)))
    threshold = max(uncertain_threshold(fitted.probabilities(logits), targets), LEAST_THRESHOLD)
    return Head(LABEL_SETS[label_set], fitted.temperature, threshold, HEADS[label_set], fitted.damping)


def _evaluations(domain: Domain, logits: FloatArray, heads: Sequence[Head]) -> list[Evaluation]:
    """Accuracy and macro recall of all images, and the calibration of the half that nothing was fitted on."""
    head = next(head for head in heads if head.labels == domain.labels)
    probabilities = head.calibration.probabilities(logits)
    other = ~is_fitted_on(domain.names)
    part = domain.part
    split = part.split if part.change == "none" else f"{part.split}, {part.change}"
    measured = (
        ("accuracy", "accuracy", probabilities, domain.targets),
        ("macro recall", "macro_recall", probabilities, domain.targets),
        ("calibration error", "calibration_error", probabilities[other], domain.targets[other]),
    )
    return [
        Evaluation(
            data=part.source,
            split=split,
            n=len(targets),
            views=SERVED_TTA,
            metric=f"{metric} {part.label_set}",
            value=round(float(getattr(DomainFigures.of(answers, targets), field)), 4),
            ci95=_interval(field, answers, targets),
        )
        for metric, field, answers, targets in measured
        if len(targets)
    ]


def _interval(field: str, answers: FloatArray, targets: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The 95 % interval of a figure over DRAWS resamples of the images (Efron 1979)."""
    generator = np.random.default_rng(0)
    draws = (generator.integers(0, len(targets), len(targets)) for _ in range(DRAWS))
    values = [getattr(DomainFigures.of(answers[drawn], targets[drawn]), field) for drawn in draws]
    low, high = np.percentile(values, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)

"""Trains and measures every entrant on the same data; completed steps are not repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import msgspec

from recognition.lab.comparison.answers import Answers
from recognition.lab.comparison.attempt import Attempt, Say, Terms
from recognition.lab.comparison.cost import Cost, describe_device, measure_cost
from recognition.lab.comparison.entrant import Entrant
from recognition.lab.training.splits import read_training_data
from recognition.models.cards import Card
from recognition.networks.loading import load_network


@dataclass(frozen=True)
class Outcome:
    """One entrant's card, answers and cost."""

    entrant: Entrant
    card: Card
    split: str
    answers: Answers
    cost: Cost


def hold_contest(entrants: Sequence[Entrant], terms: Terms, out: Path, say: Say) -> tuple[Outcome, ...]:
    """Train and measure each entrant in its own folder below `out`, resuming from existing results.

    Raises RecipeError where a folder holds another training than the one asked for.
    """
    outcomes = []
    for number, entrant in enumerate(entrants, start=1):
        say(f"{entrant.name} ({number} of {len(entrants)})")
        outcome = _attempt(entrant, terms, out / entrant.name, say)
        figures = outcome.answers.figures
        say(f"{entrant.name}: accuracy {figures['accuracy']:.4f} on {outcome.split}, n = {figures['n']}")
        outcomes.append(outcome)
    return tuple(outcomes)


def _attempt(entrant: Entrant, terms: Terms, folder: Path, say: Say) -> Outcome:
    recipe = entrant.recipe
    read = cache(partial(read_training_data, terms.data, recipe.data, terms.seed, recipe.network.weights))
    attempt = Attempt(entrant, terms, folder, read, say)
    attempt.keep_plan()
    card = attempt.card()
    split = terms.split or card.evaluations[0].split
    return Outcome(entrant, card, split, attempt.answers(card, split), _cost(card, folder, terms.device))


def _cost(card: Card, folder: Path, device: str) -> Cost:
    """Measure what a card's network costs, unless that was done on this machine."""
    file = folder / "cost.json"
    if file.is_file():
        cost = msgspec.json.decode(file.read_bytes(), type=Cost)
        if cost.machine == describe_device(device):
            return cost
    cost = measure_cost(load_network(card, folder), card.input, device)
    file.write_bytes(msgspec.json.encode(cost))
    return cost

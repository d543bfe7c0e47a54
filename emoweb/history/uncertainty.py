"""Below which confidence an answer is uncertain: each model's card says it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from recognition import load_cards

# What the live page takes for a model whose card names no threshold.
UNCERTAIN_BELOW = 0.4


def uncertain_below(model: str) -> float:
    """Return the model's threshold; a model that is no longer served has the usual one."""
    return _thresholds(settings.WEIGHTS_FOLDER).get(model, UNCERTAIN_BELOW)


@cache
def _thresholds(weights: Path) -> dict[str, float]:
    cards = load_cards(weights).values()
    return {card.name: card.thresholds["uncertain"] for card in cards if "uncertain" in card.thresholds}

"""Below which confidence an answer is uncertain: each model's card says it."""

from __future__ import annotations

from emoweb.history.served_cards import card_of

# What the live page takes for a model whose card names no threshold.
UNCERTAIN_BELOW = 0.4


def uncertain_below(model: str) -> float:
    """Return the model's threshold; a model that is no longer served has the usual one."""
    card = card_of(model)
    return UNCERTAIN_BELOW if card is None else card.thresholds.get("uncertain", UNCERTAIN_BELOW)

"""Below which confidence an answer is uncertain: each model's card says it."""

from __future__ import annotations

from emoweb.history.models import Session
from emoweb.history.served_cards import card_of

# What the live page takes for a model whose card names no threshold.
UNCERTAIN_BELOW = 0.4


def uncertain_below(session: Session) -> float:
    """Return the threshold of what the session recorded; a model that is no longer served has the usual."""
    card = card_of(session.model)
    heads = card.heads if card is not None else ()
    told = (head.uncertain for head in heads if head.labels == tuple(session.labels))
    threshold = next(told, None)
    return UNCERTAIN_BELOW if threshold is None else threshold

"""The confidence below which a result is uncertain, from each model's card."""

from __future__ import annotations

from emoweb.history.models import Session
from emoweb.history.served_cards import card_of
from recognition import UNCERTAIN_BELOW


def uncertain_below(session: Session) -> float:
    """Return the threshold of what the session recorded; a model that is no longer served has the usual."""
    card = card_of(session.model)
    heads = card.heads if card is not None else ()
    thresholds = (head.uncertain_below for head in heads if head.labels == tuple(session.labels))
    return next(thresholds, UNCERTAIN_BELOW)

"""The confidence below which a result is uncertain, from each model's card."""

from __future__ import annotations

from collections.abc import Sequence

from emoweb.history.models import Session
from emoweb.history.served_cards import card_of
from recognition import UNCERTAIN_BELOW


def uncertain_below(session: Session) -> float:
    """Return the threshold of what the session recorded; a model that is no longer served has the usual."""
    return threshold_of(session.model, session.labels)


def threshold_of(model: str, labels: Sequence[str]) -> float:
    """Return the threshold of a model's answers over these labels; the usual where it is not served."""
    card = card_of(model)
    heads = card.heads if card is not None else ()
    thresholds = (head.uncertain_below for head in heads if head.labels == tuple(labels))
    return next(thresholds, UNCERTAIN_BELOW)

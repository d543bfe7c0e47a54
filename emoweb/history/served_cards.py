"""What the cards of the served models say about a recorded session: thresholds, and what was looked at."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from emoweb.history.models import Session
from recognition import Card, load_cards

# What is shown in place of a label below the card's threshold, where the model looks at whole pictures: a
# face always shows something, a picture may show no sign at all.
UNKNOWN: Final = {"hand_signs": "no_sign", "places": "unknown_place", "scenes": "unknown_scene"}


def card_of(model: str) -> Card | None:
    """Return a model's card; None where it is not served any more."""
    return _cards(settings.WEIGHTS_FOLDER).get(model)


def model_title(model: str) -> str:
    """Return a model's title; the stored name where the model is not served any more."""
    card = card_of(model)
    return model if card is None else card.title


def unknown_label(session: Session) -> str | None:
    """Return the label of answers that are not sure; None in a session of faces, who keep theirs."""
    card = card_of(session.model)
    return UNKNOWN.get(card.task) if card is not None else None


def is_of_pictures(session: Session) -> bool:
    """Whether whole pictures were looked at, so that there is one subject, face 0, and nobody's face."""
    card = card_of(session.model)
    # A model that is gone: only those of whole pictures have a label set of their own name.
    return session.label_set == session.model if card is None else not card.sees_faces


def subject_name(session: Session, face: int) -> str:
    """Say what the samples of a face id are about: "Face 3", or "Sign"."""
    if not is_of_pictures(session):
        return _("Face %(number)d") % {"number": face}
    card = card_of(session.model)
    names = {"hand_signs": _("Sign"), "places": _("Place"), "scenes": _("Scene")}
    return names.get(card.task if card is not None else "", _("Image"))


@cache
def _cards(weights: Path) -> dict[str, Card]:
    return load_cards(weights)

"""What the model cards say about a recorded session: thresholds, and whether it has faces."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from emoweb.history.models import Session
from recognition import TASKS, Card, default_weights_folder, load_cards


def card_of(model: str) -> Card | None:
    """Return a model's card; None where it is not served any more."""
    return _cards(default_weights_folder()).get(model)


def model_title(model: str) -> str:
    """Return a model's title; the stored name where the model is not served any more."""
    card = card_of(model)
    return model if card is None else card.title


def unknown_label(session: Session) -> str | None:
    """Return the label of uncertain results; None in a session of faces, where they keep their labels."""
    card = card_of(session.model)
    return card.task_definition.unknown or None if card is not None else None


def names_nothing(label: str) -> bool:
    """Return whether a label means that none of the model's labels was recognized."""
    return any(label == task.unknown for task in TASKS.values())


def is_frame_level(session: Session) -> bool:
    """Whether complete frames were classified, so that there is one subject, face 0, which is not a face."""
    card = card_of(session.model)
    # For a model that is no longer served: only models of complete frames have a label set of their own name.
    return session.label_set == session.model if card is None else not card.sees_faces


def subject_name(session: Session, face: int) -> str:
    """Return the name of a face id's samples: "Face 3", or "Sign"."""
    if not is_frame_level(session):
        return _("Face %(number)d") % {"number": face}
    card = card_of(session.model)
    return _("Image") if card is None else _(card.task_definition.subject)


@cache
def _cards(weights: Path) -> dict[str, Card]:
    return load_cards(weights)

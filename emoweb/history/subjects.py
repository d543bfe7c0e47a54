"""The subjects of a recorded session: faces, or complete frames with a name such as "Sign"."""

from __future__ import annotations

from django.utils.translation import gettext as _

from emoweb.recordings.models import Session
from emoweb.served_cards import card_of


def unknown_label(session: Session) -> str | None:
    """Return the label of uncertain results; None in a session of faces, where they keep their labels."""
    card = card_of(session.model)
    return card.task_definition.unknown or None if card is not None else None


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

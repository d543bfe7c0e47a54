"""Formats expressions, times and fractions for every page."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import get_format
from django.utils.translation import get_language_info

from emoweb.history import served_cards, words
from emoweb.history.models import Session
from emoweb.history.served_cards import is_frame_level, model_title, subject_name
from emoweb.history.summaries import SessionSummary
from emoweb.live.texts import Texts, closest_match
from emoweb.photo.texts import label_names

register = template.Library()


@register.filter
def expression(label: str) -> str:
    """Return a label's name in the visitor's language; a label without one is shown as it is."""
    return label_names().get(label, label.replace("_", " ").capitalize())


@register.filter
def title_of_model(name: str) -> str:
    """Return the title of the model that is stored by this name, as every page writes it."""
    return model_title(name)


@register.filter
def frame_level(session: Session) -> bool:
    """Whether a session has results for complete frames, so that there are no faces to count."""
    return is_frame_level(session)


@register.filter
def subject(session: Session, face: int) -> str:
    """Return the name of a face id's samples: "Face 3", or "Sign"."""
    return subject_name(session, face)


@register.filter
def names_nothing(label: str) -> bool:
    """Whether a label means that none of the model's labels was recognized, so that it has no confidence."""
    return served_cards.names_nothing(label)


@register.simple_tag
def closest_match_words() -> str:
    """Return the text for the closest match of an unknown frame; a script fills in the values."""
    return closest_match()


@register.simple_tag
def names_of_labels() -> Texts:
    """Return the name of every label that has one, in the visitor's language."""
    return label_names()


register.filter(words.appearances)
register.filter(words.clock)
register.filter(words.confidence_words)
register.filter(words.percent)


@register.simple_tag
def summary_words(session: Session, summary: SessionSummary) -> list[str]:
    """Return a summary's sentences in the visitor's language."""
    return words.summary_words(session, summary, expression)


@register.filter
def grouped(number: int) -> str:
    """Write a large number in groups of three digits, in the visitor's number format."""
    return f"{number:,}".replace(",", get_format("THOUSAND_SEPARATOR"))


@register.filter
def own_name(code: str) -> str:
    """Return a language's name in that language, in composed letters, as text search expects."""
    return unicodedata.normalize("NFC", get_language_info(code)["name_local"])


@register.inclusion_tag("_moment.html")
def moment(when: datetime) -> dict[str, Any]:
    """Show a time in UTC; a script converts it to the visitor's time zone."""
    return {"when": when}

"""Formats what the history pages say about a session."""

from __future__ import annotations

from django import template

from emoweb.history import words
from emoweb.history.subjects import is_frame_level, subject_name
from emoweb.history.summaries import SessionSummary
from emoweb.recordings.models import Session
from emoweb.served_cards import model_title
from emoweb.templatetags.expressions import expression
from emoweb.texts import closest_match
from recognition import TASKS

register = template.Library()


@register.filter
def title_of_model(name: str) -> str:
    """Return the title of the model stored under this name, as all pages show it."""
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
    return any(label == task.unknown for task in TASKS.values())


@register.simple_tag
def closest_match_words() -> str:
    """Return the text for the closest match of an unknown frame; a script fills in the values."""
    return closest_match()


@register.simple_tag
def summary_words(session: Session, summary: SessionSummary) -> list[str]:
    """Return a summary's sentences in the visitor's language."""
    return words.summary_words(session, summary, expression)


register.filter(words.confidence_words)

"""Formats expressions, times and fractions for every page."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import get_format
from django.utils.translation import get_language_info

from emoweb.measurements import words
from emoweb.texts import label_names

register = template.Library()


@register.filter
def expression(label: str) -> str:
    """Return a label's name in the visitor's language; a label without one is shown as it is."""
    return label_names().get(label, label.replace("_", " ").capitalize())


register.filter(words.appearances)
register.filter(words.clock)
register.filter(words.percent)


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

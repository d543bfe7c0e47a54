"""Renders a form's fields."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """Render a field's control in the site's style; the label describes it, so no placeholder is needed."""
    attributes: dict[str, str | bool] = {"class": "input", "placeholder": False}
    if field.errors:
        attributes["aria-describedby"] = f"{field.auto_id}_errors"
    return field.as_widget(attrs=attributes)

"""A field for a time in a session, in the pages' format: 4:05, 1:02:03, or plain seconds."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CLOCK = re.compile(r"(?:(?:(?P<hours>[0-9]{1,4}):)?(?P<minutes>[0-9]{1,2}):)?(?P<seconds>[0-9]{1,6})")


class ClockField(forms.CharField):
    """Reads seconds from the start; rejects values that are not times, and times after `last`."""

    default_error_messages = {
        "invalid": _("Enter the time as minutes and seconds, for example 4:05."),
        "after": _("This time is after the end of the session."),
    }

    def __init__(self, *, last: int, **options: Any) -> None:
        """Accept seconds up to and including `last`."""
        super().__init__(max_length=16, **options)
        self.last = last

    def clean(self, value: Any) -> int:
        """Return the seconds."""
        match = CLOCK.fullmatch(super().clean(value))
        if match is None or (match["minutes"] is not None and int(match["seconds"]) > 59):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if match["hours"] is not None and int(match["minutes"]) > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        second = 3600 * hours + 60 * minutes + seconds
        if second > self.last:
            raise ValidationError(self.error_messages["after"], code="after")
        return second

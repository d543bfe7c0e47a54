"""The forms with which an owner changes a session: its title, its markers, its merged faces."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from emoweb.recordings.models import Marker, Session

LARGEST_FACE = 2**31 - 1  # the maximum of the database column
# A time as the pages write it, 4:05 or 1:02:03, or plain seconds.
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


class TitleForm(forms.Form):
    """A title of up to 120 characters; an empty one restores the date."""

    title = forms.CharField(max_length=120, required=False)

    @classmethod
    def of(cls, session: Session) -> TitleForm:
        """Return the form with its current values."""
        return cls(initial={"title": session.title})


class MarkerForm(forms.Form):
    """A time in the session up to `last`, and a note."""

    note = forms.CharField(max_length=Marker.NOTE_LENGTH)

    def __init__(self, *arguments: Any, last: int, **options: Any) -> None:
        """Read a time within a session whose last second is `last`."""
        super().__init__(*arguments, **options)
        self.fields["time"] = ClockField(last=last)


class MergeForm(forms.Form):
    """The face to merge, and the face to merge it into."""

    face = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)
    into = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)


class PartForm(forms.Form):
    """The face whose merge is undone."""

    face = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)


class SpanForm(forms.Form):
    """Seconds of a session from `start` (included) to `end` (excluded)."""

    start = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)
    end = forms.IntegerField(min_value=1, max_value=LARGEST_FACE)

    def clean(self) -> dict[str, Any]:
        """Reject a span that ends before it starts."""
        cleaned = super().clean() or {}
        if cleaned.get("start", 0) >= cleaned.get("end", 1):
            raise forms.ValidationError("end must be after start")
        return cleaned

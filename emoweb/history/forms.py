"""The forms with which an owner changes a session: its title, its markers, its merged faces."""

from __future__ import annotations

from typing import Any

from django import forms

from emoweb.history.clock_field import ClockField
from emoweb.recordings.models import Marker, Session

LARGEST_FACE = 2**31 - 1  # the maximum of the database column


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

"""The forms by which an owner changes a session: its title, its markers, its merged faces."""

from __future__ import annotations

from typing import Any

from django import forms

from emoweb.history.clock_field import ClockField
from emoweb.history.models import Marker, Session

LARGEST_FACE = 2**31 - 1  # what the database's column holds


class TitleForm(forms.Form):
    """A title of up to 120 characters; an empty one goes back to the date."""

    title = forms.CharField(max_length=120, required=False)

    @classmethod
    def of(cls, session: Session) -> TitleForm:
        """Return the form as it stands before a change."""
        return cls(initial={"title": session.title})


class MarkerForm(forms.Form):
    """A moment of the session up to `last`, and a note about it."""

    note = forms.CharField(max_length=Marker.NOTE_LENGTH)

    def __init__(self, *arguments: Any, last: int, **options: Any) -> None:
        """Read a time that lies in a session whose last second is `last`."""
        super().__init__(*arguments, **options)
        self.fields["time"] = ClockField(last=last)


class MergeForm(forms.Form):
    """The face that goes, and the one it goes into."""

    face = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)
    into = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)


class PartForm(forms.Form):
    """The face that is to be one of its own again."""

    face = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)


class SpanForm(forms.Form):
    """Seconds of a session from `start` up to, but without, `end`."""

    start = forms.IntegerField(min_value=0, max_value=LARGEST_FACE)
    end = forms.IntegerField(min_value=1, max_value=LARGEST_FACE)

    def clean(self) -> dict[str, Any]:
        """Reject a span that ends before it starts."""
        cleaned = super().clean() or {}
        if cleaned.get("start", 0) >= cleaned.get("end", 1):
            raise forms.ValidationError("end must be after start")
        return cleaned

"""The form that renames a session."""

from __future__ import annotations

from django import forms

from emoweb.history.models import Session


class TitleForm(forms.Form):
    """A title of up to 120 characters; an empty one goes back to the date."""

    title = forms.CharField(max_length=120, required=False)

    @classmethod
    def of(cls, session: Session) -> TitleForm:
        """Return the form as it stands before a change."""
        return cls(initial={"title": session.title})

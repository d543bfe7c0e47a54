"""The form that renames a session."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from emoweb.history.models import Session


class TitleForm(forms.ModelForm[Session]):
    """A title of up to 120 characters; an empty one goes back to the date."""

    class Meta:
        """Only the title can be changed."""

        model = Session
        fields = ["title"]
        labels = {"title": _("Title")}
        widgets = {"title": forms.TextInput(attrs={"class": "input", "autocomplete": "off"})}

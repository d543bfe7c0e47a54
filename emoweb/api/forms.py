"""The form that creates an API key."""

from __future__ import annotations

from django import forms


class KeyForm(forms.Form):
    """The key's name, chosen by the visitor."""

    name = forms.CharField(max_length=60)

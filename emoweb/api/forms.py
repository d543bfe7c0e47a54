"""The form that makes a key."""

from __future__ import annotations

from django import forms


class KeyForm(forms.Form):
    """What the key is for, in the visitor's words."""

    name = forms.CharField(max_length=60)

"""What the page's script says about a picture that it sends."""

from __future__ import annotations

from django import forms

NAME_LENGTH = 255


class WishForm(forms.Form):
    """Which model shall look at the picture, in which labels, and the picture's name; all optional."""

    model = forms.CharField(required=False, empty_value=None)
    label_set = forms.CharField(required=False, empty_value=None)
    name = forms.CharField(required=False, empty_value=None, max_length=NAME_LENGTH, strip=False)

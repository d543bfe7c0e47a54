"""What the page's script asks for a film that it is about to send."""

from __future__ import annotations

from typing import Final

from django import forms

from recognition import DEFAULT_QUALITY, QUALITIES

STRIDES: Final = (1, 2, 5, 10, 15, 30)
DEFAULT_STRIDE: Final = 5


class FilmForm(forms.Form):
    """A film's size and name, and how to look at it."""

    size = forms.IntegerField(min_value=0)
    name = forms.CharField(required=False, strip=True)
    model = forms.CharField(required=False, empty_value=None)
    label_set = forms.CharField(required=False, empty_value=None)
    quality = forms.ChoiceField(choices=[(name, name) for name in QUALITIES], initial=DEFAULT_QUALITY)
    stride = forms.TypedChoiceField(choices=[(n, n) for n in STRIDES], coerce=int, initial=DEFAULT_STRIDE)


class PartForm(forms.Form):
    """Where in the file a part belongs."""

    offset = forms.IntegerField(min_value=0)

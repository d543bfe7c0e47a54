"""The fields of the requests of an upload."""

from __future__ import annotations

from typing import Final

from django import forms

from recognition import DEFAULT_QUALITY, QUALITIES

STRIDES: Final = (1, 2, 5, 10, 15, 30)
DEFAULT_STRIDE: Final = 5


class UploadForm(forms.Form):
    """A video's size and name, and the options of its analysis."""

    size = forms.IntegerField(min_value=0)
    name = forms.CharField(required=False, strip=True)
    model = forms.CharField(required=False, empty_value=None)
    label_set = forms.CharField(required=False, empty_value=None)
    quality = forms.ChoiceField(choices=[(name, name) for name in QUALITIES], initial=DEFAULT_QUALITY)
    stride = forms.TypedChoiceField(choices=[(n, n) for n in STRIDES], coerce=int, initial=DEFAULT_STRIDE)


class PartForm(forms.Form):
    """Where in the file a part belongs."""

    offset = forms.IntegerField(min_value=0)

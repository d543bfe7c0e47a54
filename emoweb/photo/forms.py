"""The request parameters of an analysis."""

from __future__ import annotations

from django import forms

from recognition import DETAILS

NAME_LENGTH = 255


class AnalysisOptionsForm(forms.Form):
    """Which model analyzes the image, in which labels and how closely, and its name; all optional."""

    model = forms.CharField(required=False, empty_value=None)
    label_set = forms.CharField(required=False, empty_value=None)
    detail = forms.ChoiceField(required=False, choices=[(detail, detail) for detail in DETAILS])
    name = forms.CharField(required=False, empty_value=None, max_length=NAME_LENGTH, strip=False)

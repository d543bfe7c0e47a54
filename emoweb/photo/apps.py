"""The images app."""

from __future__ import annotations

from django.apps import AppConfig


class PhotoConfig(AppConfig):
    """The image page and its analysis."""

    name = "emoweb.photo"

"""The pages app."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Privacy, models, health and errors."""

    name = "emoweb.pages"

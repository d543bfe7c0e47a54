"""The serving app: its management commands."""

from __future__ import annotations

from django.apps import AppConfig


class ServingConfig(AppConfig):
    """Holds the commands that set the site up and serve it."""

    name = "emoweb.serving"

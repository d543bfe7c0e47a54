"""The serving app: its management commands."""

from __future__ import annotations

from django.apps import AppConfig


class ServingConfig(AppConfig):
    """Contains the commands that set up and serve the site."""

    name = "emoweb.serving"

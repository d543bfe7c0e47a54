"""The history app."""

from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Sessions, samples and their pages."""

    name = "emoweb.history"

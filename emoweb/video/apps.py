"""The films app."""

from __future__ import annotations

from django.apps import AppConfig


class VideoConfig(AppConfig):
    """The films' page, its jobs and their results."""

    name = "emoweb.video"

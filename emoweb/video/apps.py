"""The videos app."""

from __future__ import annotations

from django.apps import AppConfig


class VideoConfig(AppConfig):
    """The video pages, the jobs and their results."""

    name = "emoweb.video"

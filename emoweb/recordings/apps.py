"""The app of the recorded sessions."""

from __future__ import annotations

from django.apps import AppConfig

from emoweb.features import SiteApp


class RecordingsConfig(SiteApp, AppConfig):
    """Tables of sessions and samples: the live page fills them whether or not the history pages exist."""

    name = "emoweb.recordings"
    # The name of the tables and migrations, from when they were part of the history pages.
    label = "history"
    owned_data = "emoweb.recordings.owned_sessions.OwnedSessions"

"""The history app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from emoweb.features import NavigationEntry, SiteApp


class HistoryConfig(SiteApp, AppConfig):
    """Sessions, samples and their pages. Without the pages sessions are recorded all the same."""

    name = "emoweb.history"
    feature = "history"
    url_prefix = "history/"
    navigation = (NavigationEntry(_("History"), "history:list", 40),)
    owned_data = "emoweb.history.owned_sessions.OwnedSessions"

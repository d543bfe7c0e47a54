"""The history app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from emoweb.features import NavigationEntry, SiteApp


class HistoryConfig(SiteApp, AppConfig):
    """The pages of recorded sessions. Without them, sessions are still recorded."""

    name = "emoweb.history"
    # "history" is the label of the recordings, which have the tables.
    label = "history_pages"
    url_prefix = "history/"
    navigation = (NavigationEntry(_("History"), "history:list", 40),)

"""The pages app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from emoweb.features import NavigationEntry, SiteApp


class PagesConfig(SiteApp, AppConfig):
    """The navigation's first entry, and the pages around the product: privacy, models, health and errors."""

    name = "emoweb.pages"
    navigation = (
        NavigationEntry(_("Live"), "live", 10),
        NavigationEntry(_("Models"), "pages:models", 50),
        NavigationEntry(_("Privacy"), "pages:privacy", 60),
    )

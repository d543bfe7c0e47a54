"""The images app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from emoweb.features import NavigationEntry, SiteApp


class PhotoConfig(SiteApp, AppConfig):
    """The image page."""

    name = "emoweb.photo"
    url_prefix = "photo/"
    navigation = (NavigationEntry(_("Images"), "photo:photo", 20),)

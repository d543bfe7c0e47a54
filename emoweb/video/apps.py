"""The videos app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from emoweb.features import NavigationEntry, SiteApp


class VideoConfig(SiteApp, AppConfig):
    """The video pages, the jobs and their results."""

    name = "emoweb.video"
    url_prefix = "video/"
    navigation = (NavigationEntry(_("Videos"), "video:list", 30),)
    needs = ("av", "PyAV")
    owned_data = "emoweb.video.owned_videos.OwnedVideos"

"""The URLs of every page."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from emoweb import features

urlpatterns = [
    path("", include("emoweb.live.urls")),
    path("", include("emoweb.pages.urls")),
    *features.urls(),
    path("i18n/", include("django.conf.urls.i18n")),
]
if settings.ACCOUNTS != "off":
    urlpatterns.append(path("account/", include("emoweb.accounts.urls")))
handler403 = "emoweb.pages.errors.forbidden"
handler404 = "emoweb.pages.errors.not_found"
handler500 = "emoweb.pages.errors.server_error"

"""The API's app."""

from __future__ import annotations

from django.apps import AppConfig

from emoweb.features import SiteApp


class ApiConfig(SiteApp, AppConfig):
    """The REST API, its keys, and the page that documents it."""

    name = "emoweb.api"
    owned_data = "emoweb.api.owned_keys.OwnedKeys"

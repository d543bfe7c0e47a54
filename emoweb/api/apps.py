"""The API's app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API, its keys, and the page that documents it."""

    name = "emoweb.api"

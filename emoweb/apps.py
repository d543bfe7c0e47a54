"""The project's own app: the data folder and the system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from emoweb.checks import (
    check_data_folder,
    check_disabled_data,
    check_features,
    check_settings,
    check_source_url,
)
from emoweb.data_folder import make_folder


class EmowebConfig(AppConfig):
    """Makes the data folder, and registers the checks of the settings."""

    name = "emoweb"

    def ready(self) -> None:
        """Make the data folder before anything opens the database, and register the system checks."""
        make_folder(settings.DATA_FOLDER)
        checks.register(check_settings)
        checks.register(check_data_folder)
        checks.register(check_features)
        checks.register(check_disabled_data, checks.Tags.database)
        checks.register(check_source_url, deploy=True)

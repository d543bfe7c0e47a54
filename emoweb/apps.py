"""The project's own app: system checks only."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from emoweb.checks import check_data_folder, check_settings, check_source_url


class EmowebConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "emoweb"

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(check_settings)
        checks.register(check_data_folder)
        checks.register(check_source_url, deploy=True)

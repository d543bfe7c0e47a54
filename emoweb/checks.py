"""System checks: report invalid settings at startup, each with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Advice
from django.db import DatabaseError

from emoweb import features, owned_data


def check_settings(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Report each environment variable that could not be used (emoweb.E001)."""
    from recognition import wrong_variables

    problems = [(problem.name, problem.value, problem.hint) for problem in settings.SETTINGS_PROBLEMS]
    problems += [(flag.name, flag.value, f"Set {flag.name} to on or off.") for flag in wrong_variables()]
    return [
        Error(f"The setting {name} cannot be {value!r}.", hint=hint, id="emoweb.E001")
        for name, value, hint in problems
    ]


def check_data_folder(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Report a data folder that cannot be written (emoweb.E002)."""
    folder = settings.DATA_FOLDER
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written.",
            hint="Make it writable for this user, or set DATA_DIR to another folder.",
            id="emoweb.E002",
        )
    ]


def check_source_url(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Warn if a deployment does not link to its source code (emoweb.W001)."""
    if settings.SOURCE_URL:
        return []
    return [
        Advice(
            "SOURCE_URL is not set.",
            hint="The AGPL asks you to offer your visitors the source: set SOURCE_URL to its address.",
            id="emoweb.W001",
        )
    ]


def check_features(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Warn of each listed feature that cannot be enabled (emoweb.W002)."""
    return [
        Advice(
            f"The feature {app.feature} is disabled: {app.missing} is not installed.",
            hint=f"Install {app.missing}, or leave {app.feature} out of FEATURES.",
            id="emoweb.W002",
        )
        for app in features.site_apps()
        if app.feature in settings.FEATURES and app.missing is not None
    ]


def check_disabled_data(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Warn of data that a disabled feature has stored (emoweb.W003), if a database is to be checked."""
    enabled = features.enabled_features()
    kinds = [data for data in owned_data.registered() if data.feature not in enabled]
    counts = [(data, _count(data)) for data in kinds if options.get("databases")]
    return [
        Advice(
            f"The feature {data.feature} is disabled but still has data: {data.described(count)}.",
            hint=f"Delete them with `python manage.py delete_data {data.feature}`, or list it in FEATURES.",
            id="emoweb.W003",
        )
        for data, count in counts
        if count
    ]


def _count(data: owned_data.OwnedData) -> int:
    try:
        return data.rows(None).count()
    except DatabaseError:
        return 0  # before the first migration there is no table, and nothing in it

"""Optional features: which are enabled, and what their apps add to the site.

A feature is an app in FEATURE_APPS whose AppConfig is a `SiteApp`. The setting FEATURES disables it without
removing the app: its pages, navigation entries and URLs are removed; its tables and their data are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import ClassVar

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import Promise

from emoweb.variables import FEATURE_APPS


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link of the main navigation: its text, the name of its view, and its place among the others."""

    text: str | Promise
    view: str
    position: int


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A navigation entry on one page."""

    text: str | Promise
    url: str
    current: bool


class SiteApp:
    """What an AppConfig with pages adds.

    A mixin: of two subclasses of AppConfig in one module Django takes neither.
    """

    name: str
    # Where its URLs are included; the app's own `urls` module holds them.
    url_prefix: ClassVar[str] = ""
    navigation: ClassVar[Sequence[NavigationEntry]] = ()
    # The class of the data that it keeps of owners, imported on first use: it needs the models.
    owned_data: ClassVar[str | None] = None
    # A package without which the feature is disabled, and what the operator calls it.
    needs: ClassVar[tuple[str, str] | None] = None

    @property
    def feature(self) -> str | None:
        """Its name in FEATURES; None for an app that the site always has."""
        return next((feature for feature, app in FEATURE_APPS.items() if app == self.name), None)

    @property
    def missing(self) -> str | None:
        """The package that the feature needs and that is not installed."""
        return self.needs[1] if self.needs is not None and not is_installed(self.needs[0]) else None

    @property
    def enabled(self) -> bool:
        """Whether visitors have the app's pages."""
        return self.feature is None or (self.feature in settings.FEATURES and self.missing is None)


@cache
def is_installed(package: str) -> bool:
    """Return whether a package can be imported; it is not."""
    return find_spec(package) is not None


def is_enabled(feature: str) -> bool:
    """Return whether visitors have a feature."""
    return any(app.feature == feature and app.enabled for app in site_apps())


def enabled_features() -> frozenset[str]:
    """Return the names of the features that visitors have."""
    return frozenset(app.feature for app in site_apps() if app.feature is not None and app.enabled)


def site_apps() -> Iterator[SiteApp]:
    """Return the installed apps with pages, disabled ones too."""
    return (app for app in apps.get_app_configs() if isinstance(app, SiteApp))


def urls() -> list[URLPattern | URLResolver]:
    """Return the URLs of the enabled features."""
    return [
        path(app.url_prefix, include(f"{app.name}.urls"))
        for app in site_apps()
        if app.feature is not None and app.enabled
    ]


def navigation(page: str) -> list[NavigationLink]:
    """Return the main navigation's links as they are on the page at a path."""
    entries = sorted(
        (entry for app in site_apps() if app.enabled for entry in app.navigation),
        key=lambda entry: entry.position,
    )
    return [_link(entry, page) for entry in entries]


def _link(entry: NavigationEntry, page: str) -> NavigationLink:
    url = reverse(entry.view)
    below = url != "/" and page.startswith(url)
    return NavigationLink(entry.text, url, current=page == url or below)

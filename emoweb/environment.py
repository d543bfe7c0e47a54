"""Typed readers of environment variables that remember what was wrong.

A wrong value never stops the import of the settings: the default is used and the problem is kept,
so that the system checks (`emoweb.checks`) can name every wrong setting at once.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"", "0", "false", "no", "off"})
DEVICE_PATTERN = re.compile(r"auto|cpu|cuda(:\d+)?")
ADDRESS_PATTERN = re.compile(r"https?://([\w.-]+|\[[0-9a-f:]+\])(:\d{1,5})?/?")
DATABASE_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting that could not be used, and what to write instead."""

    name: str
    value: str
    hint: str


@dataclass(slots=True)
class Environment:
    """Environment variables read by type; `problems` lists the ones that were refused."""

    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """Return the variable without surrounding spaces, or the default when it is empty."""
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        """Return True for 1, true, yes, on and False for 0, false, no, off."""
        value = self.text(name).lower()
        if not value:
            return default
        if value in YES:
            return True
        if value not in NO:
            self._refuse(name, value, f"Set {name} to 1 or 0.")
            return default
        return False

    def whole_number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return an integer between `lowest` and `highest`, both included."""
        value = self.optional_number(name, lowest, highest, fallback=default)
        return default if value is None else value

    def optional_number(
        self, name: str, lowest: int, highest: int, fallback: int | None = None
    ) -> int | None:
        """Return an integer between `lowest` and `highest`, or the fallback when it is not given."""
        value = self.text(name)
        if not value:
            return fallback
        if not re.fullmatch(r"\d{1,9}", value) or not lowest <= int(value) <= highest:
            self._refuse(name, value, f"Set {name} to a whole number from {lowest} to {highest}.")
            return fallback
        return int(value)

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """Return one of `choices`."""
        value = self.text(name, default).lower()
        if value not in choices:
            self._refuse(name, value, f"Set {name} to one of {', '.join(choices)}.")
            return default
        return value

    def device(self, name: str) -> str:
        """Return auto, cpu, cuda or cuda:N."""
        value = self.text(name, "auto").lower()
        if not DEVICE_PATTERN.fullmatch(value):
            self._refuse(name, value, f"Set {name} to auto, cpu, cuda or cuda:N.")
            return "auto"
        return value

    def address(self, name: str) -> str:
        """Return an http or https address without a path; empty where none is given."""
        value = self.text(name)
        if value and not ADDRESS_PATTERN.fullmatch(value):
            self._refuse(name, value, f"Set {name} to http://HOST:PORT.")
            return ""
        return value

    def database(self, name: str, default: dict[str, Any]) -> dict[str, Any]:
        """Return Django's settings of the database that an address names: SQLite or PostgreSQL."""
        address = self.text(name)
        if not address:
            return default
        config = _database_config(address)
        if config.get("ENGINE") not in DATABASE_ENGINES or not config.get("NAME"):
            # The address may hold a password: it is not repeated.
            self._refuse(name, "…", f"Set {name} to sqlite:///PATH or postgres://USER:PASSWORD@HOST/NAME.")
            return default
        return config

    def mail(self, name: str) -> dict[str, Any]:
        """Return Django's settings of the mail server that an address names; {} where none is given."""
        address = self.text(name)
        if not address:
            return {}
        try:
            return dict(environ.Env.email_url_config(address))
        except (ValueError, KeyError, ImproperlyConfigured):
            # The address may hold a password: it is not repeated.
            self._refuse(name, "…", f"Set {name} to smtp+tls://USER:PASSWORD@HOST:587.")
            return {}

    def names(self, name: str, default: Sequence[str]) -> list[str]:
        """Return a comma-separated list without empty items."""
        items = [item.strip() for item in self.text(name).split(",")]
        return [item for item in items if item] or list(default)

    def _refuse(self, name: str, value: str, hint: str) -> None:
        self.problems.append(Problem(name, value, hint))


def _database_config(address: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # unknown engines: they are refused in our own words
        try:
            return dict(environ.Env.db_url_config(address))
        except ValueError:
            return {}

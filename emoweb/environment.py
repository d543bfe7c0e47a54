"""Typed environment variables: each is declared once, with its default and its description, and read once.

An invalid value never stops the import of the settings: the default is used and the problem is recorded,
so that the system checks (`emoweb.checks`) can report every invalid setting at once.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
DEVICE_PATTERN = re.compile(r"auto|cpu|cuda(:\d+)?")
ADDRESS_PATTERN = re.compile(r"https?://([\w.-]+|\[[0-9a-f:]+\])(:\d{1,5})?/?")
DATABASE_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """An environment variable.

    `parse` turns a value into its type and raises ValueError for one that cannot be used; `hint` then says
    what to write instead. `shown_default` and `description` are Markdown for docs/settings.md. A value that
    may hold a password is `secret`: no message repeats it.
    """

    name: str
    parse: Callable[[str], T]
    default: T
    shown_default: str
    description: str
    hint: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting that could not be used, and what to write instead."""

    name: str
    value: str
    hint: str


@dataclass(slots=True)
class Environment:
    """The environment's values by type; `problems` lists those that were refused."""

    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def read(self, variable: Variable[T]) -> T:
        """Return the variable's value; its default where it is empty, and where the value cannot be used."""
        value = self.values.get(variable.name, "").strip()
        if not value:
            return variable.default
        try:
            return variable.parse(value)
        except ValueError:
            shown = "…" if variable.secret else value
            self.problems.append(Problem(variable.name, shown, variable.hint))
            return variable.default


def text(name: str, default: str, shown_default: str, description: str) -> Variable[str]:
    """Declare any text."""
    return Variable(name, str, default, shown_default, description)


def flag(name: str, default: bool, description: str) -> Variable[bool]:
    """Declare a switch: 1, true, yes, on; 0, false, no, off."""

    def parse(value: str) -> bool:
        if value.lower() not in YES | NO:
            raise ValueError(value)
        return value.lower() in YES

    shown = "`1`" if default else "`0`"
    return Variable(name, parse, default, shown, description, f"Set {name} to 1 or 0.")


def whole_number(name: str, default: int, lowest: int, highest: int, description: str) -> Variable[int]:
    """Declare an integer between `lowest` and `highest`, both included."""
    hint = f"Set {name} to a whole number from {lowest} to {highest}."
    return Variable(name, _integer(lowest, highest), default, f"`{default}`", description, hint)


def optional_number(
    name: str, lowest: int, highest: int, shown_default: str, description: str
) -> Variable[int | None]:
    """Declare an integer that may be left out."""
    hint = f"Set {name} to a whole number from {lowest} to {highest}."
    return Variable(name, _integer(lowest, highest), None, shown_default, description, hint)


def choice(name: str, default: str, choices: Sequence[str], description: str) -> Variable[str]:
    """Declare one of `choices`."""

    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(value)
        return value.lower()

    hint = f"Set {name} to one of {', '.join(choices)}."
    return Variable(name, parse, default, f"`{default}`", description, hint)


def names(name: str, default: Sequence[str], description: str) -> Variable[list[str]]:
    """Declare a list with commas between its items."""

    def parse(value: str) -> list[str]:
        return _items(value) or list(default)

    return Variable(name, parse, list(default), f"`{','.join(default)}`", description)


def subset(name: str, choices: Sequence[str], description: str) -> Variable[frozenset[str]]:
    """Declare any of `choices`, with commas between them, or `none`; all of them by default."""

    def parse(value: str) -> frozenset[str]:
        items = set(_items(value.lower()))
        if items == {"none"}:
            return frozenset()
        if not items or not items <= set(choices):
            raise ValueError(value)
        return frozenset(items)

    hint = f"Set {name} to some of {','.join(choices)}, or to none."
    return Variable(name, parse, frozenset(choices), f"`{','.join(choices)}`", description, hint)


def device(name: str, description: str) -> Variable[str]:
    """Declare a device: auto, cpu, cuda or cuda:N."""
    hint = f"Set {name} to auto, cpu, cuda or cuda:N."
    return Variable(
        name, lambda value: _matching(DEVICE_PATTERN, value.lower()), "auto", "`auto`", description, hint
    )


def address(name: str, shown_default: str, description: str) -> Variable[str]:
    """Declare an http or https address without a path."""
    hint = f"Set {name} to http://HOST:PORT."
    return Variable(
        name, lambda value: _matching(ADDRESS_PATTERN, value), "", shown_default, description, hint
    )


def database(name: str, shown_default: str, description: str) -> Variable[dict[str, Any] | None]:
    """Declare the address of a database, SQLite or PostgreSQL, as Django's settings of it."""
    hint = f"Set {name} to sqlite:///PATH or postgres://USER:PASSWORD@HOST/NAME."
    return Variable(name, _database, None, shown_default, description, hint, secret=True)


def mail(name: str, shown_default: str, description: str) -> Variable[dict[str, Any]]:
    """Declare the address of a mail server, as Django's settings of it."""
    hint = f"Set {name} to smtp+tls://USER:PASSWORD@HOST:587."
    return Variable(name, _mail, {}, shown_default, description, hint, secret=True)


def _items(value: str) -> list[str]:
    return [item for item in (part.strip() for part in value.split(",")) if item]


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(value)
        return int(value)

    return parse


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(value)
    return value


def _database(value: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # unknown engines: they are refused in our own words
        config = dict(environ.Env.db_url_config(value))
    if config.get("ENGINE") not in DATABASE_ENGINES or not config.get("NAME"):
        raise ValueError("an unknown kind of database")
    return config


def _mail(value: str) -> dict[str, Any]:
    try:
        return dict(environ.Env.email_url_config(value))
    except (KeyError, ImproperlyConfigured) as error:
        raise ValueError("an unknown kind of mail server") from error

"""Typed readers of environment variables that remember what was wrong.

A wrong value never stops the import of the settings: the default is used and the problem is kept,
so that the system checks (`emoweb.checks`) can name every wrong setting at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"", "0", "false", "no", "off"})
DEVICE_PATTERN = re.compile(r"auto|cpu|cuda(:\d+)?")


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
        return self.optional_number(name, lowest, highest, fallback=default) or default

    def optional_number(self, name: str, lowest: int, highest: int, fallback: int | None = None) -> int | None:
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

    def names(self, name: str, default: Sequence[str]) -> list[str]:
        """Return a comma-separated list without empty items."""
        items = [item.strip() for item in self.text(name).split(",")]
        return [item for item in items if item] or list(default)

    def _refuse(self, name: str, value: str, hint: str) -> None:
        self.problems.append(Problem(name, value, hint))

"""Sweeps over many variants of one thing: a part of them in each run, the whole before a release."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_exhaustive(values: Iterable[Any], always: Collection[Any]) -> list[Any]:
    """Return a test's parameters, of which all but those in `always` are left to `make test-all`."""
    return [
        value if value in always else pytest.param(value, marks=pytest.mark.exhaustive) for value in values
    ]

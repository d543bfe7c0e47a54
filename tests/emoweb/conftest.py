"""Django, set up before any test of the site imports its models; and visitors of the site."""

from __future__ import annotations

import django
import pytest

django.setup()

from tests.emoweb.hall import Hall  # noqa: E402 (needs the models)
from tests.emoweb.recorded import Visitor  # noqa: E402


@pytest.fixture
def alice(db: None) -> Visitor:
    """A visitor."""
    return Visitor()


@pytest.fixture
def bob(db: None) -> Visitor:
    """Another visitor."""
    return Visitor()


@pytest.fixture
def hall() -> Hall:
    """A service for viewers whose engine is finished by hand."""
    return Hall()

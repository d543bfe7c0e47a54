"""Django, set up before any test of the site imports its models; and visitors of the site."""

from __future__ import annotations

from collections.abc import Iterator

import django
import pytest
from django.conf import settings

django.setup()

from emoweb.middleware import StaticFilesMiddleware  # noqa: E402 (needs the settings)
from tests.emoweb.hall import Hall  # noqa: E402 (needs the models)
from tests.emoweb.recorded import Visitor  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """List each folder of static files once: the middleware does so for each test client, in 0.1 s."""
    list_files = StaticFilesMiddleware.update_files_dictionary
    listed: dict[tuple[str, str, bool], dict[str, object]] = {}

    def list_once(middleware: StaticFilesMiddleware, root: str, prefix: str) -> None:
        folder = (root, prefix, settings.DEBUG)
        if folder not in listed:
            list_files(middleware, root, prefix)
            listed[folder] = dict(middleware.files)
        middleware.files.update(listed[folder])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesMiddleware, "update_files_dictionary", list_once)
        yield


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

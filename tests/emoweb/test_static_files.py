"""Static files stand under a versioned prefix and may be kept for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings

from emoweb.middleware import StaticFilesMiddleware

# A response's end closes the database's connections, where a test before has left some open.
pytestmark = pytest.mark.django_db


async def page(request: object) -> HttpResponse:
    """Answer what is no static file."""
    return HttpResponse("a page")


def response_to(address: str, folder: Path, **settings: Any) -> Any:
    """Return what the middleware answers when it serves the files of a folder."""
    with override_settings(STATIC_ROOT=folder, STATIC_URL="/static/abc123/", **settings):
        middleware = StaticFilesMiddleware(page)
        return async_to_sync(middleware)(RequestFactory().get(address))


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """A folder with one collected file."""
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text("export {};")
    return tmp_path


def test_a_file_under_the_version_is_kept_for_ever(collected: Path) -> None:
    response = response_to("/static/abc123/js/main.js", collected)
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response
    response.close()


def test_a_file_of_another_version_is_not_there(collected: Path) -> None:
    assert response_to("/static/old/js/main.js", collected).content == b"a page"


def test_while_debugging_a_file_is_asked_for_each_time(collected: Path) -> None:
    settings = {"DEBUG": True, "SERVESTATIC_USE_STATIC_ROOT": True, "SERVESTATIC_USE_FINDERS": False}
    response = response_to("/static/abc123/js/main.js", collected, **settings)
    assert "immutable" not in response["Cache-Control"]
    response.close()

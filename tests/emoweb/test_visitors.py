"""Every visitor has a signed cookie that nobody else can make."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core import signing
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from emoweb.visitors import (
    COOKIE_NAME,
    RENEW_AFTER_S,
    new_cookie,
    owner_from_cookie,
    owner_of_request,
)
from tests.emoweb.recorded import Visitor

PAGES = ["/", "/history/", "/models/", "/privacy/", "/nowhere/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.django_db
def test_any_page_gives_a_new_visitor_the_cookie(page: str) -> None:
    cookie = Client().get(page).cookies[COOKIE_NAME]
    assert owner_from_cookie(cookie.value) is not None
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 400 * 24 * 3600


def test_a_visitor_keeps_the_cookie(alice: Visitor) -> None:
    response = alice.browser.get("/privacy/")
    assert COOKIE_NAME not in response.cookies
    assert owner_of_request(response.wsgi_request) == alice.owner


def test_two_visitors_are_two_owners() -> None:
    assert owner_from_cookie(new_cookie()) != owner_from_cookie(new_cookie())


def test_an_owner_is_a_name_of_32_digits() -> None:
    assert len((owner_from_cookie(new_cookie()) or "").removeprefix("visitor:")) == 32


@given(position=st.integers(0, 10_000), character=st.characters(codec="ascii", categories=["L", "N", "P"]))
def test_a_changed_cookie_is_nobodys(position: int, character: str) -> None:
    cookie = new_cookie()
    position %= len(cookie)
    changed = cookie[:position] + character + cookie[position + 1 :]
    expected = owner_from_cookie(cookie) if changed == cookie else None
    # The last character of a signature in base 64 carries bits that do not count.
    if position != len(cookie) - 1:
        assert owner_from_cookie(changed) == expected


@given(st.text())
def test_a_made_up_cookie_is_nobodys(value: str) -> None:
    assert owner_from_cookie(value) is None


def test_another_signature_of_this_site_is_no_visitor() -> None:
    assert owner_from_cookie(signing.TimestampSigner().sign("a" * 32)) is None
    assert owner_from_cookie(signing.TimestampSigner(salt="emoweb.visitor").sign("not an id")) is None


def test_no_cookie_is_nobodys() -> None:
    assert owner_from_cookie(None) is None


def test_a_tampered_cookie_makes_a_new_visitor(alice: Visitor) -> None:
    session = alice.record()
    browser = Client()
    browser.cookies[COOKIE_NAME] = alice.cookie[:-5] + "AAAAA"
    response = browser.get(session.get_absolute_url())
    assert response.status_code == 404
    assert owner_from_cookie(response.cookies[COOKIE_NAME].value) not in {None, alice.owner}


def test_an_old_cookie_is_renewed_for_the_same_visitor(
    alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + RENEW_AFTER_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    response = alice.browser.get("/privacy/")
    assert response.cookies[COOKIE_NAME].value != alice.cookie
    assert owner_from_cookie(response.cookies[COOKIE_NAME].value) == alice.owner


def test_behind_a_tls_proxy_the_cookie_is_secure(db: None, settings: Any) -> None:
    settings.VISITOR_COOKIE_SECURE = True
    assert Client().get("/privacy/").cookies[COOKIE_NAME]["secure"]


def test_an_owner_asked_for_without_the_middleware_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="VisitorMiddleware"):
        owner_of_request(RequestFactory().get("/"))

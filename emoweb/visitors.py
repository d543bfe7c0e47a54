"""Identifies a visitor by an owner name: the account's for a signed-in user, otherwise the visitor's.

A visitor is a random id in a signed cookie, which contains nothing else. It is signed so that nobody can take
another visitor's place by guessing or copying an id from an address.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import cache_control

COOKIE_NAME = "visitor"
# As long as browsers allow; it is renewed by visits, so history stays reachable while it is used.
COOKIE_DAYS = 400
RENEW_AFTER_S = 30 * 24 * 3600
# Programs are not visitors: a cookie from one response would replace the key in the next request.
NO_COOKIE_BELOW = "/api/v1/"
ACCOUNT = "account:"
# Other people may use this browser later: its cache must not store what belongs to a visitor.
private = cache_control(no_store=True, private=True)
_SALT = "emoweb.visitor"
_ID_PATTERN = re.compile(r"[0-9a-f]{32}")


def new_cookie() -> str:
    """Return the cookie value of a new visitor."""
    return _cookie_for(uuid.uuid4().hex)


def owner_from_cookie(value: str | None) -> str | None:
    """Return "visitor:<32 hex digits>", or None when the value is missing or was not signed here."""
    visitor_id = _visitor_id(value)
    return f"visitor:{visitor_id}" if visitor_id else None


def account_owner(user: Any) -> str | None:
    """Return "account:<number>" of a signed-in user, else None; without accounts there are no users."""
    return f"{ACCOUNT}{user.pk}" if user is not None and user.is_authenticated else None


def admitted(owner: str | None) -> str | None:
    """Return the owner, or None for a visitor where accounts are required."""
    if owner is None or settings.ACCOUNTS != "required" or owner.startswith(ACCOUNT):
        return owner
    return None


def owner_of(user: Any, cookie: str | None) -> str | None:
    """Return whose account it is, else which visitor's cookie; None where that is not enough."""
    return account_owner(user) or admitted(owner_from_cookie(cookie))


def visitor_of_request(request: HttpRequest) -> str | None:
    """Return the owner name of the visitor, ignoring accounts."""
    return owner_from_cookie(getattr(request, "visitor_cookie", None))


def owner_of_request(request: HttpRequest) -> str:
    """Return the owner name of the request; the middleware has set one."""
    owner = account_owner(getattr(request, "user", None)) or visitor_of_request(request)
    if owner is None:
        raise RuntimeError("VisitorMiddleware must process a request before its owner is read.")
    return owner


def address_of(request: HttpRequest) -> str:
    """Return the visitor's address; behind a trusted proxy the one that the proxy saw."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if settings.TRUSTED_PROXY and forwarded:
        # The proxy itself adds the last entry; the client may have sent the others.
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


class VisitorMiddleware(MiddlewareMixin):
    """Sets the signed cookie for every visitor; a new id is valid for the current request already."""

    def process_request(self, request: HttpRequest) -> None:
        """Find the visitor's cookie, or create one that the response sets."""
        value = request.COOKIES.get(COOKIE_NAME)
        visitor_id = _visitor_id(value)
        if visitor_id is None:
            value = new_cookie()
        elif _is_old(value):
            value = _cookie_for(visitor_id)
        request.visitor_cookie = value  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the cookie when the browser does not have it yet, or when it is due for renewal."""
        patch_vary_headers(response, ["Cookie"])
        value = getattr(request, "visitor_cookie", None)
        if request.path.startswith(NO_COOKIE_BELOW):
            return response
        if value is not None and value != request.COOKIES.get(COOKIE_NAME):
            response.set_cookie(
                COOKIE_NAME,
                value,
                max_age=COOKIE_DAYS * 24 * 3600,
                httponly=True,
                samesite="Lax",
                secure=settings.VISITOR_COOKIE_SECURE,
            )
        return response


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=_SALT)


def _cookie_for(visitor_id: str) -> str:
    return _signer().sign(visitor_id)


def _visitor_id(value: str | None) -> str | None:
    if not value:
        return None
    try:
        visitor_id = _signer().unsign(value)
    except signing.BadSignature:
        return None
    return visitor_id if _ID_PATTERN.fullmatch(visitor_id) else None


def _is_old(value: str | None) -> bool:
    try:
        _signer().unsign(value or "", max_age=RENEW_AFTER_S)
    except signing.SignatureExpired:
        return True
    return False

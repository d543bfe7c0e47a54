"""The owner whose sessions a request may read: that of the API key, the account, or the visitor."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from emoweb.api.errors import ApiError
from emoweb.api.models import Key
from emoweb.visitors import COOKIE_NAME, admitted, owner_of


def owner_of_caller(request: HttpRequest) -> str:
    """Return the owner. Raises ApiError 401 without key and cookie, and for an invalid key.

    An invalid key is rejected even with a valid cookie: a program must notice that its key was revoked.
    """
    secret = _key(request)
    if secret is None:
        owner = owner_of(getattr(request, "user", None), request.COOKIES.get(COOKIE_NAME))
    else:
        owner = admitted(Key.owner_of(secret))
    if owner is not None:
        return owner
    message = _("Send an API key as “Authorization: Bearer KEY”. Create one at /account/keys/.")
    if secret is not None:
        message = _("This API key is invalid or was revoked. Create another one at /account/keys/.")
    raise ApiError("unauthorised", message, {"WWW-Authenticate": "Bearer"})


def _key(request: HttpRequest) -> str | None:
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return request.headers.get("X-API-Key")

"""What a socket's handshake must contain: an allowed origin, and the cookie of a visitor or an account."""

from __future__ import annotations

import re
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from emoweb.languages import language_of
from emoweb.visitors import COOKIE_NAME, owner_of

# As browsers send it: scheme, host and port, nothing else; two headers joined by a comma are invalid.
ORIGIN_PATTERN = re.compile(r"https?://(?P<host>[\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?", re.ASCII)


class OriginSocket:
    """ASGI middleware: refuses a handshake whose Origin is missing or foreign with HTTP 403.

    A browser lets any page open a socket to any site and sends that site's cookies, so the origin
    is the only protection against another site's page that uses this one in a visitor's name.
    """

    def __init__(self, application: Any) -> None:
        """Wrap the ASGI application that serves accepted handshakes."""
        self._application = application
        self._denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass the socket on when its origin is an allowed host."""
        allowed = origin_is_allowed(_header(scope, b"origin"), _header(scope, b"host"))
        return await (self._application if allowed else self._denier)(scope, receive, send)


class VisitorSocket:
    """ASGI middleware: puts `owner` and `language` into the scope, or refuses the handshake with HTTP 403."""

    def __init__(self, application: Any) -> None:
        """Wrap the ASGI application that serves accepted handshakes."""
        self._application = application
        self._denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass the socket on when its visitor is known."""
        cookies = parse_cookie(_header(scope, b"cookie", joint="; "))
        owner = owner_of(scope.get("user"), cookies.get(COOKIE_NAME))
        if owner is None:
            return await self._denier(scope, receive, send)
        language = language_of(cookies, _header(scope, b"accept-language"))
        return await self._application({**scope, "owner": owner, "language": language}, receive, send)


def origin_is_allowed(origin: str, host: str) -> bool:
    """Return whether `origin` is an http(s) address of an allowed host.

    Where every host is allowed ("*"), the origin must at least be the requested host.
    """
    origin_host = _host_of_origin(origin)
    if origin_host is None:
        return False
    if "*" in settings.ALLOWED_HOSTS:
        return origin_host == split_domain_port(host)[0]
    return validate_host(origin_host, settings.ALLOWED_HOSTS)


def _host_of_origin(origin: str) -> str | None:
    match = ORIGIN_PATTERN.fullmatch(origin)
    return match["host"].lower() if match else None


def _header(scope: dict[str, Any], name: bytes, joint: str = ", ") -> str:
    return joint.join(value.decode("latin-1") for key, value in scope["headers"] if key == name)

"""What a socket's handshake must bring along: the visitor's signed cookie."""

from __future__ import annotations

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.http import parse_cookie

from emoweb.languages import language_of
from emoweb.visitors import COOKIE_NAME, owner_from_cookie


class VisitorSocket:
    """ASGI middleware: puts `owner` and `language` into the scope, or refuses the handshake with 403."""

    def __init__(self, application: Any) -> None:
        """Wrap the ASGI application that serves accepted handshakes."""
        self._application = application
        self._denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass the socket on when its visitor is known."""
        cookies = parse_cookie(_header(scope, b"cookie"))
        owner = owner_from_cookie(cookies.get(COOKIE_NAME))
        if owner is None:
            return await self._denier(scope, receive, send)
        language = language_of(cookies, _header(scope, b"accept-language"))
        return await self._application({**scope, "owner": owner, "language": language}, receive, send)


def _header(scope: dict[str, Any], name: bytes) -> str:
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return "; ".join(values) if name == b"cookie" else ", ".join(values)

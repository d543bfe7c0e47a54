"""A socket's handshake must bring an allowed origin and the visitor's cookie."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator

from emoweb.languages import language_of
from emoweb.sockets import OriginSocket, VisitorSocket, origin_is_allowed
from emoweb.visitors import COOKIE_NAME, new_cookie, owner_from_cookie

# Channels looks after old connections with each message.
pytestmark = pytest.mark.django_db

LOCAL = b"http://localhost:8000"


class Greeter(AsyncWebsocketConsumer):
    """Accepts everybody, and says who came."""

    async def connect(self) -> None:
        """Tell what the handshake put into the scope."""
        await self.accept()
        await self.send(f"{self.scope['owner']} {self.scope['language']}")


def handshake(*headers: tuple[bytes, bytes]) -> str | None:
    """Return what the greeter says, or None where the handshake was refused."""
    application = OriginSocket(VisitorSocket(Greeter.as_asgi()))

    async def connect() -> str | None:
        communicator = WebsocketCommunicator(application, "/ws/live/", headers=list(headers))
        accepted, _ = await communicator.connect()
        greeting = await communicator.receive_from() if accepted else None
        await communicator.disconnect()
        return greeting

    result: str | None = async_to_sync(connect)()
    return result


def cookie(value: str) -> tuple[bytes, bytes]:
    """Return a cookie header."""
    return b"cookie", value.encode()


def test_a_visitor_of_this_site_is_let_in() -> None:
    value = new_cookie()
    greeting = handshake((b"origin", LOCAL), cookie(f"{COOKIE_NAME}={value}"))
    assert greeting == f"{owner_from_cookie(value)} en"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        b"null",
        b"",
        b"https://evil.example",
        b"https://localhost.evil.example",
        b"https://evil.example/localhost",
        b"https://localhost@evil.example",
        b"file://localhost",
        b"http://[localhost",
        b"localhost",
    ],
)
def test_a_missing_or_foreign_origin_is_refused(origin: bytes | None) -> None:
    headers = [cookie(f"{COOKIE_NAME}={new_cookie()}")]
    if origin is not None:
        headers.append((b"origin", origin))
    assert handshake(*headers) is None


def test_two_origins_are_refused() -> None:
    value = cookie(f"{COOKIE_NAME}={new_cookie()}")
    assert handshake((b"origin", LOCAL), (b"origin", b"https://evil.example"), value) is None


@pytest.mark.parametrize(
    "value", ["", "other=1", f"{COOKIE_NAME}=", f"{COOKIE_NAME}=forged", f"{COOKIE_NAME}=a:b:c"]
)
def test_a_missing_or_forged_cookie_is_refused(value: str) -> None:
    assert handshake((b"origin", LOCAL), cookie(value)) is None


def test_a_handshake_without_any_header_is_refused() -> None:
    assert handshake() is None


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://LOCALHOST", "https://localhost"]
)
def test_every_name_of_this_machine_is_allowed(origin: str) -> None:
    assert origin_is_allowed(origin, "")


def test_where_all_hosts_are_allowed_the_origin_must_be_the_one_asked(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert origin_is_allowed("https://faces.example.org", "faces.example.org:443")
    assert not origin_is_allowed("https://evil.example", "faces.example.org")
    assert not origin_is_allowed("", "faces.example.org")


@pytest.mark.parametrize(
    ("cookies", "accept", "language"),
    [
        ({"django_language": "vi"}, "en", "vi"),
        ({}, "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ({}, "fr,de;q=0.5", "en"),
        ({"django_language": "xx"}, "vi", "vi"),
        ({}, "", "en"),
        ({}, ";;;q=,,*", "en"),
    ],
)
def test_the_language_is_the_visitors_choice_then_the_browsers(
    cookies: dict[str, str], accept: str, language: str
) -> None:
    assert language_of(cookies, accept) == language


def test_the_sites_routes_refuse_an_unknown_socket() -> None:
    from emoweb.asgi import application

    async def connect() -> bool:
        headers = [(b"origin", LOCAL), cookie(f"{COOKIE_NAME}={new_cookie()}")]
        communicator = WebsocketCommunicator(application, "/ws/nowhere/", headers=headers)
        accepted, _ = await communicator.connect()
        await communicator.disconnect()
        return bool(accepted)

    assert not async_to_sync(connect)()

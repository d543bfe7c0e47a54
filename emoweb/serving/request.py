"""An HTTP request that rejects a body over its limit before it is written to disk."""

from __future__ import annotations

import json
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from django.http import parse_cookie
from django.utils.formats import number_format
from django.utils.translation import gettext, override
from twisted.internet import reactor

from emoweb.errors import error_body
from emoweb.images.refusals import MAX_IMAGE_BYTES
from emoweb.languages import language_of

MAX_BODY_BYTES = 2_500_000
# What a form adds to an image.
FORM_BYTES = 64_000
# Where a body may be an image, bare or in a form, and a program reads the response: a page's script is one.
IMAGE_PATHS = ("/api/", "/photo/")
# A refused client may continue to send: its data is read for a while, since a reset would lose the response.
DRAIN_S = 5.0


def max_body_bytes(path: str) -> int:
    """Return how many bytes a body sent to `path` may have."""
    return MAX_IMAGE_BYTES + FORM_BYTES if path.startswith(IMAGE_PATHS) else MAX_BODY_BYTES


def refusal(path: str, limit: int, language: str) -> bytes:
    """Return the complete 413 response: JSON below IMAGE_PATHS, a plain sentence elsewhere."""
    with override(language):
        megabytes = number_format(f"{limit // 100_000 / 10:g}")
        sentence = gettext("What was sent is too large: at most %(size)s MB are taken here.") % {
            "size": megabytes
        }
    kind, body = "text/plain; charset=utf-8", sentence
    if path.startswith(IMAGE_PATHS):
        kind, body = "application/json", json.dumps(error_body("too_large", sentence))
    content = body.encode()
    head = (
        "HTTP/1.1 413 Content Too Large\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {len(content)}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + content


class LimitedRequest(WebRequest):
    """daphne's request, which by itself would write a body of any size into a temporary file."""

    _body_bytes = 0
    _refused = False
    _drain_end: Any = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802 (Twisted's name)
        """Refuse by the length that the header names; a chunked body names none."""
        if length is not None and length > self._limit:
            self._refuse()
            length = 0
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Count the body as it arrives, and discard it after a refusal."""
        self._body_bytes += len(data)
        if not self._refused and self._body_bytes > self._limit:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        """Pass the request to Django, unless a response has been sent already."""
        if self._refused:
            self.channel.transport.loseConnection()
        else:
            super().requestReceived(command, path, version)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 (Twisted's name)
        """Stop waiting for a refused client."""
        if self._drain_end is not None and self._drain_end.active():
            self._drain_end.cancel()
        super().connectionLost(reason)

    @property
    def _address(self) -> str:
        return bytes(self.channel._path).decode("ascii", "replace").partition("?")[0]

    @property
    def _language(self) -> str:
        cookie, accepted = (
            self.requestHeaders.getRawHeaders(name, [""])[0] for name in ("cookie", "accept-language")
        )
        return language_of(parse_cookie(cookie), accepted)

    @property
    def _limit(self) -> int:
        return max_body_bytes(self._address)

    def _refuse(self) -> None:
        self._refused = True
        # Otherwise Twisted would ask the client to continue after the refusal.
        self.requestHeaders.removeHeader(b"Expect")
        transport = self.channel.transport
        transport.write(refusal(self._address, self._limit, self._language))
        transport.loseWriteConnection()
        self._drain_end = reactor.callLater(DRAIN_S, transport.abortConnection)


class LimitedHTTPFactory(HTTPFactory):
    """daphne's factory, making requests with a limit."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 (Twisted's name)
        """Return the protocol of one connection."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol

"""A client of emotion.v1 over a real socket, for tests and measurements."""

from __future__ import annotations

import json
import socket
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PATIENCE_S = 60.0
SUBPROTOCOL = "emotion.v1"


def visitor_cookie(base: str) -> str:
    """Visit the live page and return the cookie that it sets."""
    with urllib.request.urlopen(f"{base}/", timeout=PATIENCE_S) as response:
        cookies = response.headers.get_all("Set-Cookie")
    return next(cookie.split(";")[0] for cookie in cookies if cookie.startswith("visitor="))


def fetch_json(base: str, path: str, cookie: str = "") -> Any:
    """Return what an address answers in JSON."""
    request = urllib.request.Request(base + path, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code != 503:  # /health says so while the server starts, in JSON all the same
            raise
        return json.load(error)


def refusal_of(base: str, **how: Any) -> int:
    """Return the HTTP status with which a handshake is refused, 101 when it is not."""
    try:
        Client(base, **how).close()
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101


def recorded_faces(client: Client, session: str) -> set[int]:
    """Return the faces of which the history of the client's visitor has samples in this session."""
    exported = fetch_json(client.base, f"/history/{session}/export.json", client.cookie)
    return {sample["face"] for sample in exported["samples"]}


class Client:
    """One visitor's socket. `cookie` is the visitor; without one it is a new visitor."""

    def __init__(
        self,
        base: str,
        cookie: str | None = None,
        *,
        origin: str | None = "same",
        subprotocols: list[str] | None = None,
        read_ahead: int | None = None,
    ) -> None:
        """Open the socket; raises InvalidStatus when the handshake is refused."""
        self.base = base
        self.cookie = visitor_cookie(base) if cookie is None else cookie
        self.answered = 0
        self._open = ExitStack()
        self._socket = self._open.enter_context(
            connect(
                f"ws{base.removeprefix('http')}/ws/live/",
                subprotocols=[SUBPROTOCOL] if subprotocols is None else subprotocols,
                origin=base if origin == "same" else origin,
                additional_headers={"Cookie": self.cookie} if self.cookie else {},
                compression=None,
                max_size=None,
                max_queue=read_ahead,
                open_timeout=PATIENCE_S,
                close_timeout=2.0,
                proxy=None,
            )
        )

    def hello(self, **options: Any) -> dict[str, Any]:
        """Agree to what the server's health names, and return the answer."""
        consent = fetch_json(self.base, "/health")["consent"]
        self.say("hello", **{"version": 1, "consent": consent, **options})
        return self.receive()

    def say(self, kind: str, **fields: Any) -> None:
        """Send a text message."""
        self.send(json.dumps({"type": kind, **fields}))

    def send(self, message: str | bytes) -> None:
        """Send anything."""
        self._socket.send(message)

    def show(
        self, seq: int, picture: bytes, width: int = 640, height: int = 480, *, answered: int | None = None
    ) -> None:
        """Send a frame."""
        read = self.answered if answered is None else answered
        head = struct.pack(">2sBBIdHHI", b"EF", 1, 0, seq, time.time() * 1000, width, height, read)
        self.send(head + picture)

    def receive(self, *kinds: str) -> dict[str, Any]:
        """Return the next message of one of `kinds`; without any, the next that is no advice."""
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if "seq" in message:
                self.answered = max(self.answered, message["seq"])
            if message["type"] in kinds or (not kinds and message["type"] not in ("stats", "hint")):
                return message

    def ask(self, seq: int, picture: bytes, width: int = 640, height: int = 480) -> dict[str, Any]:
        """Send a frame and return its answer."""
        self.show(seq, picture, width, height)
        answer = self.receive()
        assert answer.get("seq") == seq, answer
        return answer

    def result(self, first_seq: int, picture: bytes, width: int = 640, height: int = 480) -> dict[str, Any]:
        """Send a frame until there is a result: a busy machine answers some too late, as stale."""
        end = time.monotonic() + PATIENCE_S
        seq = first_seq
        while (answer := self.ask(seq, picture, width, height))["type"] != "result":
            assert answer["reason"] == "stale", answer
            assert time.monotonic() < end, "no result"
            seq += 1
            time.sleep(0.2)
        return answer

    def messages_until_closed(self) -> tuple[list[dict[str, Any]], int | None]:
        """Return everything that still comes, without advice, and the close code."""
        messages = []
        try:
            while True:
                messages.append(self.receive())
        except ConnectionClosed as closed:
            return messages, closed.rcvd.code if closed.rcvd else None

    def closed(self) -> int | None:
        """Wait for the close and return its code, None when the connection just broke."""
        return self.messages_until_closed()[1]

    def closed_while(self, work: Callable[[], object]) -> int | None:
        """Do something that the server may end; return the close code, None when it did not."""
        try:
            work()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        return None

    def bye(self) -> dict[str, Any]:
        """End the session and return the goodbye."""
        self.say("bye")
        answer = self.receive("bye")
        assert self.closed() == 1000
        return answer

    def drop(self) -> None:
        """Lose the connection, without a word."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket."""
        self._open.close()

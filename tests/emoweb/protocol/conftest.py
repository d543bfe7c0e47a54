"""One real server for all; servers of their own for the tests that end one.

With EMOWEB_BASE=http://host:port the shared server is the one that runs there.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import Site, running_site
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the shared server."""
    if given := os.environ.get("EMOWEB_BASE"):
        yield given.rstrip("/")
        return
    with running_site(tmp_path_factory.mktemp("live"), MAX_VIEWERS="40") as site:
        yield site.address


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Start servers that the test may end."""
    if "EMOWEB_BASE" in os.environ:
        pytest.skip("this test ends its server, and EMOWEB_BASE names one that runs for others")
    sites: list[Site] = []

    def start(**environment: str) -> Site:
        sites.append(Site(tmp_path, **environment))
        sites[-1].start()
        return sites[-1]

    yield start
    for site in sites:
        site.stop()


@pytest.fixture(scope="session")
def faces() -> bytes:
    """A 640 x 480 JPEG with two faces."""
    return pictures.two_faces()


@pytest.fixture
def visit(base: str) -> Iterator[Callable[..., Client]]:
    """Open sockets at the shared server; all are closed at the end."""
    clients: list[Client] = []

    def open_socket(**how: Any) -> Client:
        clients.append(Client(base, **how))
        return clients[-1]

    yield open_socket
    for client in clients:
        client.close()


class OtherClient(threading.Thread):
    """A visitor who streams in peace, frame by frame, and keeps every answer."""

    def __init__(self, base: str, picture: bytes) -> None:
        super().__init__(name="other_client", daemon=True)
        self.answers: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self._client = Client(base)
        self._client.hello()
        self._picture = picture
        self._enough = threading.Event()

    def run(self) -> None:
        """Stream until it is enough."""
        try:
            for seq in range(1, 1_000_000):
                self.answers.append(self._client.ask(seq, self._picture))
                if self._enough.wait(0.15):
                    break
            self._client.bye()
        except Exception as error:  # noqa: BLE001 (shown by the test)
            self.trouble = error

    def leave(self) -> None:
        """Stop streaming; raises what went wrong."""
        self._enough.set()
        self.join(60)
        assert self.trouble is None, self.trouble


@pytest.fixture
def other_client(base: str, faces: bytes) -> Iterator[OtherClient]:
    """Somebody beside the one who misbehaves: each frame answered, by a result unless the machine is slow."""
    running = OtherClient(base, faces)
    running.start()
    yield running
    running.leave()
    assert [answer["seq"] for answer in running.answers] == list(range(1, len(running.answers) + 1))
    # Behind an engine on another machine, what a slow machine answers late counts as failed.
    late = {"stale", "failed"} if "EMOWEB_BASE" in os.environ else {"stale"}
    assert {answer.get("reason", "stale") for answer in running.answers} <= late
    assert any(answer["type"] == "result" for answer in running.answers)

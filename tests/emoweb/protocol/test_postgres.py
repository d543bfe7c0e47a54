"""The site on PostgreSQL: it records there, and loses nothing while the database is away."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.emoweb.protocol.client import Client, fetch_json
from tests.postgres import Postgres, postgres_programs

pytestmark = pytest.mark.process
AWAY_S = 5.0
PATIENCE_S = 30.0


@pytest.fixture
def postgres(temporary_folder: Path) -> Iterator[Postgres]:
    """A database server of this test's own."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    temporary_folder.chmod(0o755)  # whoever runs it must get there
    server = Postgres(temporary_folder / "postgres", programs)
    server.start()
    yield server
    server.stop()


def wait_for(base: str, status: str) -> None:
    """Wait until /health says so."""
    end = time.monotonic() + PATIENCE_S
    while fetch_json(base, "/health")["status"] != status:
        assert time.monotonic() < end, status
        time.sleep(0.1)


class Watcher:
    """A viewer who counts the faces of every result."""

    def __init__(self, base: str, picture: bytes) -> None:
        self.client = Client(base)
        self.welcome = self.client.hello()
        self.faces: Counter[int] = Counter()
        self._picture, self._seq = picture, 0

    def watch(self, seconds: float) -> None:
        """Show the picture about ten times a second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._seq += 1
            answer = self.client.ask(self._seq, self._picture)
            if answer["type"] == "result":
                self.faces.update(face["id"] for face in answer["faces"])
            time.sleep(0.08)


def test_nothing_is_lost_while_the_database_is_away(
    own_site: Callable[..., Site], postgres: Postgres, faces: bytes
) -> None:
    site = own_site(DATABASE_URL=postgres.address)
    watcher = Watcher(site.address, faces)
    watcher.watch(3)
    postgres.stop()
    seen = watcher.faces.total()
    watcher.watch(AWAY_S)
    assert watcher.faces.total() > seen, "results went on"
    wait_for(site.address, "degraded")
    postgres.start()
    watcher.watch(3)
    wait_for(site.address, "ready")
    watcher.client.bye()

    session, cookie = watcher.welcome["session"], watcher.client.cookie
    recorded = fetch_json(site.address, f"/history/{session}/export.json", cookie)
    counted: Counter[int] = Counter()
    for sample in recorded["samples"]:
        counted[sample["face"]] += sample["n"]
    assert counted == watcher.faces

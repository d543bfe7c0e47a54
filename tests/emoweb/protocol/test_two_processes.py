"""Two web processes over one PostgreSQL and one Redis: one site to its visitors."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.emoweb.protocol.client import Client, fetch_json, recorded_faces
from tests.emoweb.protocol.web_visitor import WebVisitor
from tests.postgres import Postgres, postgres_programs
from tests.redis import Redis, redis_program

pytestmark = pytest.mark.process
PATIENCE_S = 60.0


@dataclass
class Pair:
    """Two processes of one site, and what they share."""

    one: Site
    other: Site
    redis: Redis


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Both serve; neither keeps a database or a key of its own."""
    programs, redis_server = postgres_programs(), redis_program()
    if programs is None or redis_server is None:
        pytest.skip("PostgreSQL or Redis is not installed (Debian: apt-get install postgresql redis-server)")
    # Not in pytest's folder, which each further run of pytest closes to whoever runs PostgreSQL.
    temporary = tempfile.TemporaryDirectory()
    folder = Path(temporary.name)
    folder.chmod(0o755)
    postgres, redis = Postgres(folder / "postgres", programs), Redis(folder, redis_server)
    postgres.start()
    redis.start()
    shared = {
        "DATABASE_URL": postgres.address,
        "REDIS_URL": redis.address,
        "SECRET_KEY": "shared by both" * 4,
    }
    sites = []
    for name in ("one", "other"):
        (folder / name).mkdir()
        # A visitor's cookie holds for both: to a browser they are one site behind one proxy.
        sites.append(Site(folder / name, MAX_VIEWERS="5", **shared))
        sites[-1].start()
    yield Pair(*sites, redis)
    for site in sites:
        site.stop()
    redis.stop()
    postgres.stop()
    temporary.cleanup()


def wait_for_load(site: Site, viewers: int, capacity: int) -> None:
    """Wait until /health counts so many over both processes."""
    end = time.monotonic() + PATIENCE_S
    while True:
        health = fetch_json(site.address, "/health")
        if (health["viewers"], health["capacity"]) == (viewers, capacity):
            return
        assert time.monotonic() < end, health
        time.sleep(0.1)


def wait_for_faces(client: Client, session: str, faces: set[int]) -> None:
    """Wait until all these faces are in the history."""
    end = time.monotonic() + PATIENCE_S
    while not faces <= recorded_faces(client, session):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_session_goes_on_in_the_other_process(pair: Pair, faces: bytes) -> None:
    client = Client(pair.one.address)
    welcome = client.hello(label_set="fer5")
    before = {face["id"] for seq in range(1, 30) for face in client.ask(seq, faces).get("faces", ())}
    wait_for_faces(client, welcome["session"], before)
    again = Client(pair.other.address, cookie=client.cookie)
    resumed = again.hello(resume=welcome["resume"])
    assert (resumed["resumed"], resumed["session"]) == (True, welcome["session"])
    assert resumed["label_set"] == "fer5"
    assert client.closed() == 4409
    after = {face["id"] for seq in range(1, 30) for face in again.ask(seq, faces).get("faces", ())}
    assert before
    assert after
    assert not before & after, "no id is used twice"
    again.say("bye")
    again.receive("bye")
    shown = fetch_json(pair.one.address, f"/history/{welcome['session']}/export.json", client.cookie)
    assert {sample["face"] for sample in shown["samples"]} == before | after


def test_health_counts_over_both(pair: Pair) -> None:
    clients = [Client(pair.one.address), Client(pair.other.address)]
    for client in clients:
        client.hello()
    for site in (pair.one, pair.other):
        wait_for_load(site, viewers=2, capacity=10)
    for client in clients:
        client.close()
    wait_for_load(pair.one, viewers=0, capacity=10)


def test_deleting_the_history_elsewhere_ends_a_live_session(pair: Pair, faces: bytes) -> None:
    visitor = WebVisitor(pair.other.address)
    client = Client(pair.one.address, cookie=visitor.cookie)
    welcome = client.hello()
    seen = {face["id"] for face in client.result(1, faces)["faces"]}
    wait_for_faces(client, welcome["session"], seen)
    visitor.post_form(f"/history/{welcome['session']}/delete/")
    messages, code = client.messages_until_closed()
    assert (messages[-1]["type"], messages[-1]["reason"], code) == ("bye", "deleted", 1000)


def test_without_redis_each_continues_and_finds_the_other_later(pair: Pair, faces: bytes) -> None:
    client = Client(pair.one.address)
    client.hello()
    pair.redis.stop()
    for seq in range(1, 20):
        assert client.ask(seq, faces)["type"] in ("result", "drop")
    wait_for_load(pair.one, viewers=1, capacity=5)
    pair.redis.start()
    wait_for_load(pair.other, viewers=1, capacity=10)
    client.close()

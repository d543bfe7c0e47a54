"""Sessions that outlive a socket or a server, places, and how sockets end."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.emoweb.protocol.client import Client, fetch_json, recorded_faces

pytestmark = pytest.mark.process
Visit = Callable[..., Client]
Start = Callable[..., Site]


def wait_for_viewers(base: str, viewers: int) -> None:
    """Wait until so many places are taken."""
    end = time.monotonic() + 60
    while fetch_json(base, "/health")["viewers"] != viewers:
        assert time.monotonic() < end
        time.sleep(0.05)


# History


def test_a_session_is_in_the_history_before_the_client_learns_its_id(visit: Visit) -> None:
    for _ in range(5):  # a write a second would be early for one of them by chance
        client = visit()
        welcome = client.hello(model="se_resnet")
        client.say("settings", model="cbam_resnet")
        changed = client.receive("settings")
        assert changed["session"] != welcome["session"]
        for answer in (welcome, changed):
            exported = fetch_json(client.base, f"/history/{answer['session']}/export.json", client.cookie)
            assert exported["session"]["model"] == answer["model"]


def test_a_session_is_complete_when_bye_is_answered(visit: Visit, faces: bytes) -> None:
    for _ in range(3):
        client = visit()
        client.hello()
        results = sum(client.ask(seq, faces)["type"] == "result" for seq in (1, 2, 3))
        goodbye = client.bye()
        exported = fetch_json(client.base, f"{goodbye['history_url']}export.json", client.cookie)
        assert exported["session"]["ended"] is not None
        assert exported["session"]["frames"] == results
        counted = dict.fromkeys({sample["face"] for sample in exported["samples"]}, 0)
        for sample in exported["samples"]:
            counted[sample["face"]] += sample["n"]
        assert max(counted.values(), default=0) == results


# Resume


def test_a_lost_socket_is_resumed_with_its_people(visit: Visit, faces: bytes) -> None:
    client = visit()
    welcome = client.hello(label_set="fer5")
    seq = client.result(1, faces)["seq"]
    time.sleep(2)  # longer than ids survive an absence: these are 3 and 4, which no new session begins with
    ids = {face["id"] for face in client.result(seq + 1, faces)["faces"]}
    client.drop()
    time.sleep(2)  # no absence: nobody could be seen
    again = visit(cookie=client.cookie)
    resumed = again.hello(resume=welcome["resume"])
    assert (resumed["resumed"], resumed["session"]) == (True, welcome["session"])
    assert resumed["label_set"] == "fer5"
    later = {face["id"] for face in again.result(1, faces)["faces"]}
    assert ids
    assert later == ids


def test_an_open_socket_is_replaced_with_its_place(visit: Visit, faces: bytes) -> None:
    client = visit()
    welcome = client.hello()
    client.ask(1, faces)
    again = visit(cookie=client.cookie)
    assert again.hello(resume=welcome["resume"])["resumed"] is True
    assert client.closed() == 4409
    assert again.ask(1, faces)["type"] in ("result", "drop")


def test_another_visitors_token_is_worth_nothing(visit: Visit, faces: bytes) -> None:
    client, thief = visit(), visit()
    welcome = client.hello()
    stolen = thief.hello(resume=welcome["resume"])
    assert stolen["resumed"] is False
    assert stolen["session"] != welcome["session"]
    assert client.ask(1, faces)["type"] in ("result", "drop")


def test_a_session_that_ended_is_not_resumed(visit: Visit) -> None:
    client = visit()
    welcome = client.hello()
    client.bye()
    assert visit(cookie=client.cookie).hello(resume=welcome["resume"])["resumed"] is False


def test_an_old_token_with_another_consent_is_refused(visit: Visit) -> None:
    client = visit()
    token = client.hello()["resume"]
    client.drop()
    again = visit(cookie=client.cookie)
    assert again.hello(resume=token, consent="2020-01")["code"] == "consent_required"
    assert again.closed() == 4401


# Servers that end


def stream(client: Client, session: str, picture: bytes) -> set[int]:
    """Stream until the history has a face of a result; return the ids of all faces in results."""
    ids: set[int] = set()
    for seq in count(1):
        ids |= {face["id"] for face in client.ask(seq, picture).get("faces", [])}
        if seq % 10 == 0 and ids & recorded_faces(client, session):
            return ids
        assert seq < 1000, "nothing is recorded"
        time.sleep(0.05)
    raise AssertionError


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_session_goes_on_after_a_restart(own_site: Start, faces: bytes, how: str) -> None:
    site = own_site()
    client = Client(site.address)
    welcome = client.hello(label_set="fer5")
    shown = stream(client, welcome["session"], faces)
    getattr(site, how)()
    assert client.closed() == (1001 if how == "stop" else None)
    site.start()
    assert Client(site.address).hello(resume=welcome["resume"])["resumed"] is False, "a stolen token"
    again = Client(site.address, client.cookie)
    resumed = again.hello(resume=welcome["resume"])
    assert (resumed["resumed"], resumed["session"]) == (True, welcome["session"])
    assert resumed["label_set"] == "fer5"
    later = stream(again, welcome["session"], faces)
    assert shown
    assert not shown & later, "no id is used again"
    goodbye = again.bye()
    exported = fetch_json(site.address, f"{goodbye['history_url']}export.json", client.cookie)
    recorded = {sample["face"] for sample in exported["samples"]}
    assert shown & recorded, "what was measured before the end was kept"
    assert later & recorded


def rows(site: Site) -> list[tuple[str, str | None]]:
    """Return each session's last sign of life and its end."""
    database = sqlite3.connect(site.folder / "emoweb.sqlite3")
    found = database.execute("SELECT last_seen, ended FROM history_session").fetchall()
    database.close()
    return found


def test_a_session_without_a_goodbye_is_closed_by_the_next_start(own_site: Start, faces: bytes) -> None:
    site = own_site()
    assert fetch_json(site.address, "/health")["capacity"] >= 8  # whatever the measured speed
    client = Client(site.address)
    welcome = client.hello()
    token = welcome["resume"]
    stream(client, welcome["session"], faces)
    site.kill()
    (before,) = rows(site)
    assert before[1] is None
    database = sqlite3.connect(site.folder / "emoweb.sqlite3")
    database.execute("UPDATE history_session SET last_seen = datetime(last_seen, '-61 seconds')")
    database.commit()
    database.close()
    site.start()
    end = time.monotonic() + 60
    while rows(site)[0][1] is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert rows(site)[0][0] == rows(site)[0][1]
    assert Client(site.address, client.cookie).hello(resume=token)["resumed"] is False


class EagerSite(Site):
    """A site whose start is over when its port listens, before its models are there."""

    def wait_until_ready(self) -> None:
        end = time.monotonic() + 60
        while not self.health():
            assert time.monotonic() < end
            time.sleep(0.005)


def test_a_hello_waits_while_the_server_starts(tmp_path: Path, faces: bytes) -> None:
    site = EagerSite(tmp_path)
    site.start()
    try:
        status = site.health()["status"]
        client = Client(site.address)
        assert client.hello()["type"] == "welcome"
        assert client.ask(1, faces)["type"] in ("result", "drop")
        assert site.health()["status"] == "ready"
        assert status in ("starting", "ready")
    finally:
        site.stop()


# Seats


def test_a_full_server_reports_it_and_places_are_freed(own_site: Start, faces: bytes) -> None:
    site = own_site(MAX_VIEWERS="2")
    without_hello = [Client(site.address) for _ in range(5)]  # these take no place
    first, second = Client(site.address), Client(site.address)
    welcome = first.hello()
    assert second.hello()["type"] == "welcome"
    third = Client(site.address)
    assert third.hello()["code"] == "capacity"
    assert third.closed() == 4503
    assert fetch_json(site.address, "/health")["capacity"] == 2
    # A takeover needs no free place.
    again = Client(site.address, first.cookie)
    assert again.hello(resume=welcome["resume"])["resumed"] is True
    assert first.closed() == 4409
    assert fetch_json(site.address, "/health")["viewers"] == 2
    second.bye()
    wait_for_viewers(site.address, 1)
    fourth = Client(site.address)
    assert fourth.hello()["type"] == "welcome"
    # A resumed session whose socket is closed takes a place like any other.
    again.drop()
    wait_for_viewers(site.address, 1)
    fifth = Client(site.address)
    assert fifth.hello()["type"] == "welcome"
    late = Client(site.address, first.cookie)
    assert late.hello(resume=welcome["resume"])["code"] == "capacity"
    assert late.closed() == 4503
    for client in without_hello:
        client.close()


# Silence


@pytest.mark.exhaustive  # a minute in real time; test_nothing_at_all_ends_it takes ten seconds
def test_a_silent_visitor_is_closed_after_a_minute(visit: Visit) -> None:
    client = visit()
    client.hello()
    assert client.closed() == 4408

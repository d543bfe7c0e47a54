"""The site without one of its features, and without any: the rest works, and stored data can be reached."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import clear_url_caches
from django.utils import timezone
from django.utils.translation import override

import emoweb.urls
from emoweb import checks, features, owned_data
from emoweb.api.models import Key
from emoweb.recordings.models import Session
from emoweb.variables import FEATURE_APPS
from emoweb.video.models import KEPT_FOR, Video
from tests.browser.site import running_site
from tests.emoweb.hall import Hall, run, say
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client as SocketClient
from tests.emoweb.protocol.client import fetch_json
from tests.emoweb.recorded import NOON, Visitor

ADDRESSES = {
    "images": ["/photo/"],
    "videos": ["/video/"],
    "history": ["/history/", "/history/compare/", "/history/delete/"],
    "api": ["/api/", "/api/v1/models", "/api/v1/openapi.json", "/account/keys/"],
}
ENTRIES = {"images": "Images", "videos": "Videos", "history": "History"}
SITES = {
    "everything": frozenset(FEATURE_APPS),
    **{f"without {name}": frozenset(FEATURE_APPS) - {name} for name in FEATURE_APPS},
    "nothing": frozenset(),
}
Offer = Callable[[frozenset[str]], None]


@pytest.fixture
def offer(settings: Any) -> Iterator[Offer]:
    """Makes this process's site one with these features alone."""

    def with_features(names: frozenset[str]) -> None:
        settings.FEATURES = names
        importlib.reload(emoweb.urls)
        clear_url_caches()

    before = settings.FEATURES
    yield with_features
    with_features(before)


def make_video(visitor: Visitor, **fields: Any) -> Video:
    usual = {"model": "m", "label_set": "fer7", "quality": "far", "stride": 1, "size": 1}
    return Video.objects.create(**{"owner": visitor.owner, **usual, **fields})


@pytest.fixture
def owner(alice: Visitor, settings: Any, tmp_path: Path) -> Visitor:
    """A visitor with a session, a key and a video."""
    settings.DATA_FOLDER = tmp_path
    alice.record(title="Rehearsal")
    Key.make(alice.owner, "script")
    make_video(alice)
    return alice


class Addresses(HTMLParser):
    """Collects a page's links, and every attribute that may hold an address of the site."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.all: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attributes if value and value.startswith("/")}
        self.all.update(found.values())
        if tag == "a" and "href" in found:
            self.links.add(found["href"].partition("#")[0])


def walk(browser: Client) -> dict[str, Addresses]:
    """Open every page that can be reached from the first by links; return them by address."""
    pages: dict[str, Addresses] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop()
        response = browser.get(address)
        assert response.status_code == 200, address
        is_page = response.headers["Content-Type"].startswith("text/html")
        pages[address] = Addresses(response.content.decode() if is_page else "")
        waiting += sorted(pages[address].links - pages.keys() - set(waiting))
    return pages


@pytest.mark.parametrize("offered", SITES.values(), ids=SITES)
def test_no_remaining_page_leads_to_a_disabled_feature(
    owner: Visitor, offer: Offer, offered: frozenset[str]
) -> None:
    offer(offered)
    pages = walk(owner.browser)
    assert {"/", "/models/", "/privacy/", "/data/"} <= pages.keys()
    for feature, addresses in ADDRESSES.items():
        if feature in offered:
            assert addresses[0] in pages
            continue
        mentioned = {one for page in pages.values() for one in page.all if one.startswith(tuple(addresses))}
        assert mentioned == set()


@pytest.mark.parametrize("offered", SITES.values(), ids=SITES)
def test_a_disabled_features_addresses_are_missing_pages(
    owner: Visitor, offer: Offer, offered: frozenset[str]
) -> None:
    offer(offered)
    for feature, addresses in ADDRESSES.items():
        for address in addresses:
            response = owner.browser.get(address)
            assert (response.status_code == 404) == (feature not in offered), address
            if feature not in offered:
                assert "Page not found" in response.content.decode()
    announced = owner.browser.post("/video/announce/", {"size": 9})
    assert (announced.status_code == 404) == ("videos" not in offered)


@pytest.mark.parametrize("offered", SITES.values(), ids=SITES)
def test_the_navigation_names_what_there_is(alice: Visitor, offer: Offer, offered: frozenset[str]) -> None:
    offer(offered)
    with override("en"):
        links = [(str(link.text), link.current) for link in features.navigation("/models/")]
    expected = ["Live", *(text for name, text in ENTRIES.items() if name in offered), "Models", "Privacy"]
    assert links == [(text, text == "Models") for text in expected]
    for address in ("/models/", "/", "/data/"):
        page = alice.browser.get(address).content.decode()
        assert page.count('aria-current="page"') == (address != "/data/")


def test_health_and_metrics_stay(offer: Offer, client: Client, db: None) -> None:
    offer(frozenset())
    assert client.get("/health").json()["status"] in {"starting", "ready"}
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("reason", ["bye", "deleted"])
def test_without_history_pages_a_goodbye_names_none(hall: Hall, offer: Offer, reason: str) -> None:
    offer(frozenset(FEATURE_APPS) - {"history"})

    async def script(hall: Hall) -> None:
        viewer, wire = await hall.welcome()
        await (say(viewer, "bye") if reason == "bye" else viewer.history_deleted())
        goodbye = wire.messages[-1]
        assert (goodbye["type"], goodbye["reason"], goodbye["history_url"]) == ("bye", reason, None)

    run(hall, script)


@pytest.mark.parametrize("offered", [frozenset(FEATURE_APPS), frozenset()], ids=["everything", "nothing"])
def test_an_owner_sees_and_deletes_all_that_is_kept(
    owner: Visitor, bob: Visitor, offer: Offer, offered: frozenset[str]
) -> None:
    offer(offered)
    kept = bob.record()
    page = owner.browser.get("/data/").content.decode()
    assert all(part in page for part in ("1 session", "1 key", "1 video"))
    assert "All your data were deleted." in owner.browser.post("/data/", follow=True).content.decode()
    assert owned_data.described(owner.owner) == []
    assert list(Session.objects.all()) == [kept]


@pytest.mark.django_db(transaction=True)
def test_the_download_holds_each_kind_as_its_own_export_has_it(
    owner: Visitor, bob: Visitor, offer: Offer
) -> None:
    offer(frozenset())
    owner.record(title="Again")
    bob.record(title="Bob's")
    _response, text = asyncio.run(owner.read("/data/export.json"))
    found = json.loads(text)
    assert {one["session"]["title"] for one in found["sessions"]} == {"Rehearsal", "Again"}
    assert all(one["samples"] for one in found["sessions"])
    assert [one["name"] for one in found["keys"]] == ["script"]
    assert [one["film"]["model"] for one in found["videos"]] == ["m"]
    assert "digest" not in text


def test_every_kind_of_data_with_an_owner_is_registered() -> None:
    """A new model with an owner must register, or its rows stay when their owner deletes all data."""
    owned = {
        model
        for app in apps.get_app_configs()
        if app.name.startswith("emoweb")
        for model in app.get_models()
        if any(field.name == "owner" for field in model._meta.get_fields())
    }
    assert {data.model for data in owned_data.registered()} == owned
    assert {data.feature for data in owned_data.registered()} <= set(FEATURE_APPS)


def test_every_feature_is_an_app_with_urls() -> None:
    assert {app.feature for app in features.site_apps()} - {None} == set(FEATURE_APPS)


def test_the_privacy_page_lists_what_a_disabled_feature_still_keeps(owner: Visitor, offer: Offer) -> None:
    offer(frozenset())
    rows = ("A video that you upload", "For each API key")
    assert all(row in owner.browser.get("/privacy/").content.decode() for row in rows)
    owner.browser.post("/data/")
    assert not any(row in owner.browser.get("/privacy/").content.decode() for row in rows)


def test_transfer_gives_everything_to_the_account(owner: Visitor, bob: Visitor) -> None:
    kept = bob.record()
    owned_data.transfer(owner.owner, to="account:7")
    assert owned_data.described(owner.owner) == []
    assert len(owned_data.described("account:7")) == len(owned_data.registered())
    assert Session.objects.get(pk=kept.pk).owner == bob.owner


def test_a_disabled_feature_with_data_is_warned_of(owner: Visitor, offer: Offer) -> None:
    offer(frozenset(FEATURE_APPS))
    assert checks.check_disabled_data(None, databases=["default"]) == []
    offer(frozenset(FEATURE_APPS) - {"videos"})
    assert checks.check_disabled_data(None, databases=None) == [], "no database was named"
    [warning] = checks.check_disabled_data(None, databases=["default"])
    assert (warning.id, "1 video" in warning.msg) == ("emoweb.W003", True)
    assert "manage.py delete_data videos" in str(warning.hint)
    output = StringIO()
    call_command("delete_data", "videos", no_input=True, stdout=output)
    assert "Deleted: 1 video." in output.getvalue()
    assert checks.check_disabled_data(None, databases=["default"]) == []
    assert (Session.objects.count(), Key.objects.count()) == (1, 1)


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1), ("", 1)])
def test_delete_data_asks_first(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    call_command("delete_data", "history", stdout=StringIO())
    assert Session.objects.count() == left


@pytest.mark.django_db
def test_delete_data_says_where_there_is_none() -> None:
    output = StringIO()
    call_command("delete_data", "images", stdout=output)
    assert "nothing to delete" in output.getvalue()


def test_without_pyav_videos_are_disabled_with_a_notice(
    owner: Visitor, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "is_installed", lambda package: package != "av")
    offer(frozenset(FEATURE_APPS))
    assert owner.browser.get("/video/").status_code == 404
    assert owner.browser.get("/photo/").status_code == 200
    [warning] = checks.check_features(None)
    assert (warning.id, "PyAV is not installed" in warning.msg) == ("emoweb.W002", True)
    offer(frozenset(FEATURE_APPS) - {"videos"})
    assert checks.check_features(None) == [], "nobody asked for videos"


def test_old_videos_are_deleted_while_the_feature_is_disabled(owner: Visitor, offer: Offer) -> None:
    offer(frozenset())
    new = Video.objects.get()
    waiting = make_video(owner, state=Video.State.WAITING)
    old = make_video(owner, created=timezone.now() - KEPT_FOR - timedelta(hours=1))
    (old.folder).mkdir(parents=True)
    output = StringIO()
    call_command("work", once=True, stdout=output)
    assert set(Video.objects.all()) == {new, waiting}
    assert not old.folder.exists()
    waiting.refresh_from_db()
    assert waiting.state == "waiting", "no new work"
    assert "disabled" in output.getvalue()


def test_old_sessions_are_deleted_while_the_feature_is_disabled(owner: Visitor, offer: Offer) -> None:
    offer(frozenset())
    owner.record(started=NOON - timedelta(days=9000), last_seen=NOON - timedelta(days=9000))
    call_command("prune_history", days=4000, stdout=StringIO())
    assert Session.objects.count() == 1


@pytest.mark.process
@pytest.mark.timeout(400)
def test_a_server_without_features_serves_a_live_session(tmp_path: Path) -> None:
    with running_site(tmp_path, FEATURES="none") as site:
        assert site.health()["status"] == "ready"
        client = SocketClient(site.address)
        client.hello()
        assert client.ask(1, pictures.two_faces())["type"] == "result"
        client.say("bye")
        goodbye = client.receive()
        assert (goodbye["type"], goodbye["history_url"]) == ("bye", None)
        [session] = fetch_json(site.address, "/data/export.json", client.cookie)["sessions"]
        assert session["session"]["id"] == goodbye["session"]


@pytest.mark.django_db
def test_the_privacy_page_lists_everything_while_the_database_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable() -> frozenset[str]:
        raise OperationalError("no connection")

    monkeypatch.setattr("emoweb.owned_data.features_with_data", unreachable)
    page = Client().get("/privacy/").content.decode()
    assert all(row in page for row in ("A video that you upload", "For each API key"))

"""An installation of 0.1.0 goes on with this version: everything is read back that its visitors had."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import time
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.browser.site import working
from tests.emoweb.person import Person
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client, fetch_json
from tests.emoweb.upgrade.conftest import Upgraded

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]
SESSIONS = ("merged", "five", "eight", "scenes", "old")
PATIENCE_S = 120.0
# The addresses that a browser of 0.1.0 may have bookmarked; {} is a session's or a video's id.
BOOKMARKS = (
    "/",
    "/history/",
    "/photo/",
    "/video/",
    "/models/",
    "/privacy/",
    "/api/",
    "/account/keys/",
    "/health",
)
SESSION_BOOKMARKS = ("", "export.csv", "export.json", "timeline.json?start=0&end=3")
VIDEO_BOOKMARKS = ("", "status/", "export.csv", "export.json", "annotated.webm", "annotated.webm?download")


def visitor_of(upgraded: Upgraded) -> Person:
    """Return the visitor of the old site, whose browser has kept its cookie."""
    return Person(upgraded.site.address, cookies=upgraded.expected["visitor"]["cookie"])


def page_of(upgraded: Upgraded, name: str) -> str:
    """Return the address of a recorded session."""
    return f"/history/{upgraded.expected['sessions'][name]['id']}/"


def assert_kept(new: Any, old: Any) -> None:
    """Everything of the old value is in the new one, which may have further fields."""
    if isinstance(old, dict):
        assert old.keys() <= new.keys()
        for name, value in old.items():
            assert_kept(new[name], value)
    elif isinstance(old, list):
        assert len(new) == len(old)
        for new_item, old_item in zip(new, old, strict=True):
            assert_kept(new_item, old_item)
    else:
        assert new == old


def assert_rows_kept(new: str, old: str) -> None:
    """The new table has the old one's rows and columns in their order, and further columns behind them."""
    new_rows, old_rows = (list(csv.reader(io.StringIO(text))) for text in (new, old))
    assert len(new_rows) == len(old_rows)
    for new_row, old_row in zip(new_rows, old_rows, strict=True):
        assert new_row[: len(old_row)] == old_row


def download(upgraded: Upgraded, path: str) -> bytes:
    """Return the bytes of an address, asked for with the visitor's cookie."""
    headers = {"Cookie": upgraded.expected["visitor"]["cookie"]}
    with urlopen(Request(upgraded.site.address + path, headers=headers), timeout=60) as answer:
        content: bytes = answer.read()
    return content


def test_the_history_lists_every_session_of_the_old_cookie(upgraded: Upgraded) -> None:
    page = visitor_of(upgraded).open("/history/").page
    assert upgraded.expected["title"] in page
    for name in SESSIONS:
        assert page_of(upgraded, name) in page


@pytest.mark.parametrize("name", SESSIONS)
def test_a_sessions_page_answers(upgraded: Upgraded, name: str) -> None:
    visitor = visitor_of(upgraded).open(page_of(upgraded, name))
    assert visitor.status == 200
    assert f"{page_of(upgraded, name)}export.csv" in visitor.page


@pytest.mark.parametrize("name", SESSIONS)
def test_a_sessions_exports_hold_what_they_held(upgraded: Upgraded, name: str) -> None:
    old = upgraded.expected["sessions"][name]
    visitor = visitor_of(upgraded)
    assert_kept(
        json.loads(visitor.open(f"{page_of(upgraded, name)}export.json").page), json.loads(old["json"])
    )
    new = download(upgraded, f"{page_of(upgraded, name)}export.csv").decode("utf-8-sig")
    assert_rows_kept(new, old["csv"])


def test_titles_and_markers_are_on_the_page(upgraded: Upgraded) -> None:
    page = html.unescape(visitor_of(upgraded).open(page_of(upgraded, "merged")).page)
    for text in (upgraded.expected["title"], *upgraded.expected["notes"]):
        assert text in page


def test_another_visitor_finds_none_of_it(upgraded: Upgraded) -> None:
    stranger = Person(upgraded.site.address)
    assert stranger.open(page_of(upgraded, "merged")).status == 404
    assert stranger.open(f"/video/{upgraded.expected['videos']['done']['id']}/").status == 404


def test_the_key_reads_the_sessions(upgraded: Upgraded) -> None:
    headers = {"Authorization": f"Bearer {upgraded.expected['visitor']['key']}"}
    request = Request(f"{upgraded.site.address}/api/v1/sessions", headers=headers)
    with urlopen(request, timeout=60) as answer:
        listed = {session["id"] for session in json.load(answer)["sessions"]}
    assert {upgraded.expected["sessions"][name]["id"] for name in SESSIONS} <= listed


def test_the_key_is_listed(upgraded: Upgraded) -> None:
    page = visitor_of(upgraded).open("/account/keys/").page
    assert "evening script" in page
    assert upgraded.expected["visitor"]["key"][:10] in page


def test_the_account_signs_in_with_its_password(upgraded: Upgraded) -> None:
    account = upgraded.expected["account"]
    somebody = Person(upgraded.site.address).sign_in(account["email"], account["password"])
    assert somebody.path == "/history/"
    assert somebody.sessions() == [account["session"]["id"]]
    exported = somebody.open(f"/history/{account['session']['id']}/export.json").page
    assert_kept(json.loads(exported), json.loads(account["session"]["json"]))


def test_who_was_signed_in_still_is(upgraded: Upgraded) -> None:
    account = upgraded.expected["account"]
    somebody = Person(upgraded.site.address, cookies=account["cookie"])
    assert somebody.open("/account/").path == "/account/"
    assert account["email"] in somebody.page
    assert somebody.sessions() == [account["session"]["id"]]


def test_the_page_and_files_of_an_analyzed_video_are_there(upgraded: Upgraded) -> None:
    old = upgraded.expected["videos"]["done"]
    address = f"/video/{old['id']}/"
    visitor = visitor_of(upgraded)
    assert old["id"] in visitor.open("/video/").page
    assert "Evening take.mp4" in visitor.page
    assert visitor.open(address).status == 200
    assert f"{address}annotated.webm" in visitor.page
    assert_kept(json.loads(visitor.open(f"{address}export.json").page), json.loads(old["json"]))
    assert_rows_kept(download(upgraded, f"{address}export.csv").decode("utf-8-sig"), old["csv"])
    annotated = download(upgraded, f"{address}annotated.webm")
    assert hashlib.sha256(annotated).hexdigest() == old["annotated_sha256"]


@pytest.mark.parametrize("path", BOOKMARKS)
def test_a_bookmarked_page_answers(upgraded: Upgraded, path: str) -> None:
    visitor = visitor_of(upgraded).open(path)
    assert (visitor.status, visitor.path) == (200, path)


def test_bookmarked_sessions_and_videos_answer(upgraded: Upgraded) -> None:
    video = f"/video/{upgraded.expected['videos']['done']['id']}/"
    paths = [
        *(page_of(upgraded, name) + rest for name in SESSIONS for rest in SESSION_BOOKMARKS),
        *(video + rest for rest in VIDEO_BOOKMARKS),
    ]
    for path in paths:
        assert download(upgraded, path) != b"", path
    # A form's address, which a browser opens again where somebody reloads what followed.
    assert visitor_of(upgraded).open(f"{page_of(upgraded, 'merged')}merge/").status == 405


def test_a_merge_can_be_undone(upgraded: Upgraded) -> None:
    page = page_of(upgraded, "merged")
    visitor = visitor_of(upgraded).open(page)
    assert visitor.answer(f"{page}part/", face="2").status == 200
    exported = json.loads(visitor.open(f"{page}export.json").page)
    unmerged = json.loads(upgraded.expected["unmerged"])
    assert_kept(exported["samples"], unmerged["samples"])
    assert "merges" not in exported
    # As it was, for whoever reads it next.
    assert visitor.open(page).answer(f"{page}merge/", face="2", into="1").status == 200
    again = json.loads(visitor.open(f"{page}export.json").page)
    assert_kept(again, json.loads(upgraded.expected["sessions"]["merged"]["json"]))


def test_a_session_that_was_running_has_ended_with_what_was_written(upgraded: Upgraded) -> None:
    page = f"/history/{upgraded.expected['running']['session']}/"
    exported = json.loads(visitor_of(upgraded).open(f"{page}export.json").page)
    assert exported["session"]["ended"] is not None
    assert exported["samples"] != []


def test_a_page_resumes_its_session_with_the_old_token(upgraded: Upgraded) -> None:
    running = upgraded.expected["running"]
    session = running["session"]
    # As if the server had been away for a moment alone, however long it took to start here.
    moments = "started = CURRENT_TIMESTAMP, last_seen = '2999-01-01 00:00:00', ended = NULL"
    key = f"replace(CAST(id AS varchar), '-', '') = '{session.replace('-', '')}'"
    upgraded.database.execute(f"UPDATE history_session SET {moments} WHERE {key}")
    client = Client(upgraded.site.address, cookie=upgraded.expected["visitor"]["cookie"])
    welcome = client.hello(resume=running["resume"])
    assert (welcome["resumed"], welcome["session"]) == (True, session)
    client.ask(1, pictures.two_faces())
    assert client.bye()["session"] == session


def test_queued_and_interrupted_videos_are_analyzed(upgraded: Upgraded) -> None:
    videos, cookie = upgraded.expected["videos"], upgraded.expected["visitor"]["cookie"]
    with working(upgraded.site):
        for name in ("queued", "interrupted"):
            status = f"/video/{videos[name]['id']}/status/"
            end = time.monotonic() + PATIENCE_S
            while (state := fetch_json(upgraded.site.address, status, cookie)["state"]) != "done":
                assert state in ("waiting", "running"), state
                assert time.monotonic() < end, f"{name}: {state}"
                time.sleep(0.1)
    for name, seconds in (("queued", 2), ("interrupted", 8)):
        exported = fetch_json(upgraded.site.address, f"/video/{videos[name]['id']}/export.json", cookie)
        seen = [(sample["second"], sample["face"]) for sample in exported["samples"]]
        assert seen == [(second, face) for second in range(seconds) for face in (1, 2)]
        assert download(upgraded, f"/video/{videos[name]['id']}/annotated.webm")[:4] == b"\x1aE\xdf\xa3"

"""After a session: the history lists it, shows it, exports it, renames it, deletes it."""

import csv
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


def _download(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.path().read_text("utf-8")


def test_a_new_visitors_history_is_empty(visitor: Visitor, site: Site) -> None:
    visitor.page.goto(f"{site.address}/history/")
    expect(visitor.page.get_by_text("No sessions yet")).to_be_visible()


def test_the_list_shows_the_session_with_its_faces(recorded: Page, site: Site) -> None:
    recorded.goto(f"{site.address}/history/")
    row = recorded.locator(".session-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile(r"[2-9] faces"))
    row.get_by_role("link").first.click()
    expect(recorded.get_by_role("heading", name="Face 1")).to_be_visible()


def test_the_page_shows_a_timeline_and_a_table_for_each_face(recorded: Page) -> None:
    for index in (0, 1):
        expect(recorded.locator(".timeline canvas").nth(index)).to_be_visible()
    assert recorded.locator(".stretches tbody tr").count() >= 2


def test_the_exports_hold_the_samples(recorded: Page) -> None:
    exported = json.loads(_download(recorded, "JSON"))
    samples, session = exported["samples"], exported["session"]
    assert len(samples) >= 4
    assert {sample["face"] for sample in samples} >= {1, 2}
    assert all(abs(sum(sample["probabilities"].values()) - 1) < 0.01 for sample in samples)
    assert session["frames"] >= max(sample["n"] for sample in samples)
    rows = list(csv.DictReader(_download(recorded, "Export CSV").splitlines()))
    assert len(rows) == len(samples)
    assert set(session["labels"]) <= set(rows[0])


def test_a_title_is_kept(recorded: Page, site: Site) -> None:
    recorded.get_by_label("Title").fill("A calm <b>morning</b>")
    recorded.get_by_role("button", name="Save", exact=True).click()
    expect(recorded.get_by_role("heading", level=1)).to_have_text("A calm <b>morning</b>")
    recorded.goto(f"{site.address}/history/")
    expect(recorded.get_by_role("link", name="A calm <b>morning</b>")).to_be_visible()


def test_a_session_is_deleted(recorded: Page, site: Site) -> None:
    address = recorded.url
    recorded.get_by_role("link", name="Delete").click()
    recorded.get_by_role("button", name="Delete").click()
    expect(recorded.get_by_text("No sessions yet")).to_be_visible()
    assert recorded.request.get(address).status == 404


def test_everything_of_mine_can_be_deleted(recorded: Page, site: Site) -> None:
    recorded.goto(f"{site.address}/history/")
    recorded.get_by_role("link", name="Delete all sessions").click()
    recorded.locator("main form button[type=submit]").click()
    expect(recorded.get_by_text("No sessions yet")).to_be_visible()


def test_another_visitor_finds_nothing_there(
    recorded: Page, new_visitor: Callable[..., Visitor], site: Site
) -> None:
    stranger = new_visitor().page
    for ending in ("", "export.csv", "export.json", "delete/"):
        assert stranger.request.get(f"{recorded.url}{ending}").status == 404
    stranger.goto(f"{site.address}/history/")
    expect(stranger.get_by_text("No sessions yet")).to_be_visible()

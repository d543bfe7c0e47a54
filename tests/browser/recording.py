"""One recorded session for all tests of the history's pages: each visitor gets a copy of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser.live_page import LivePage
from tests.browser.site import Site

SECONDS = 8


@dataclass(frozen=True)
class Recording:
    """A session of two faces, recorded in real time in a browser, and the site that keeps it."""

    site: Site
    session: str

    def open_copy(self, page: Page) -> Page:
        """Open the page of a copy of the session that belongs to the page's visitor."""
        page.request.get(f"{self.site.address}/privacy/")  # sets the visitor's cookie
        copy = self.copy_for(visitor_of(page, self.site))
        page.goto(f"{self.site.address}/history/{copy}/")
        return page

    def copy_for(self, owner: str) -> str:
        """Give this owner a copy of the session; return its id."""
        copy = uuid4()
        with closing(sqlite3.connect(self.site.folder / "emoweb.sqlite3", timeout=60)) as database, database:
            database.row_factory = sqlite3.Row
            for table, key in (("history_session", "id"), ("history_sample", "session_id")):
                for row in database.execute(f"SELECT * FROM {table} WHERE {key} = ?", [self._stored_id]):
                    values = {**dict(row), key: copy.hex}
                    if table == "history_session":
                        values["owner"] = owner
                    else:
                        del values["id"]
                    marks = ", ".join("?" * len(values))
                    database.execute(
                        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()]
                    )
        return str(copy)

    @property
    def _stored_id(self) -> str:
        return self.session.replace("-", "")


def record(page: Page, site: Site) -> Recording:
    """Record two faces, stop, and follow the link to the session's page."""
    live = LivePage(page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    page.wait_for_timeout(1000 * SECONDS)
    live.press("stop")
    live.wait_for_state("stopped")
    live.press("history-link")
    page.wait_for_url("**/history/*-*/")
    return Recording(site, page.url.rstrip("/").rsplit("/", 1)[1])


def visitor_of(page: Page, site: Site) -> str:
    """Return the owner name of the visitor whose cookie the page has."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(site.address)}
    return f"visitor:{cookies['visitor'].partition(':')[0]}"

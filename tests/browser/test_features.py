"""The live page of a site without optional features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.live_page import LivePage
from tests.browser.site import running_site

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_a_session_ends_without_a_link_to_history_pages(
    new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    with running_site(tmp_path, FEATURES="none") as site:
        page = new_visitor().page
        live = LivePage(page, site.address).open().agree_and_start()
        live.wait_for_state("live")
        live.wait_for_faces(2)
        live.press("stop")
        live.wait_for_state("stopped")
        expect(live.part("history-link")).to_be_hidden()
        expect(page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_count(3)
        page.goto(f"{site.address}/data/")
        expect(page.get_by_text("1 session")).to_be_visible()
        page.get_by_role("button", name="Delete all my data").click()
        expect(page.get_by_text("The server stores no data of this browser.")).to_be_visible()

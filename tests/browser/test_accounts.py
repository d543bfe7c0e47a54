"""Accounts in a browser: a session moves to one, and the pages are as the others are."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import PHONE, sideways_scroll, violations
from tests.browser.live_page import LivePage
from tests.browser.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.process]
PATHS = (
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/",
    "/account/password/change/",
)
PASSWORD = "a horse in the rain"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which whoever likes has an account."""
    with running_site(tmp_path_factory.mktemp("accounts"), ACCOUNTS="optional") as running:
        yield running


def sign_up(page: Page, site: Site, email: str) -> None:
    """Create an account by the header's link; the history is shown then."""
    page.goto(f"{site.address}/privacy/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/history/")


def test_what_a_visitor_recorded_is_in_the_accounts_history(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    live.press("stop")
    live.wait_for_state("stopped")
    sign_up(visitor.page, site, "records@example.com")
    expect(visitor.page.locator(".session-row")).to_have_count(1)
    # Signed in, the live page works as before, and the next session is the account's at once.
    live.open().agree_and_start()
    live.wait_for_faces(2)
    live.press("stop")
    live.wait_for_state("stopped")
    visitor.page.goto(f"{site.address}/history/")
    expect(visitor.page.locator(".session-row")).to_have_count(2)
    visitor.page.get_by_role("link", name="Account").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.goto(f"{site.address}/history/")
    expect(visitor.page.get_by_text("No sessions yet")).to_be_visible()


def test_a_wrong_password_is_reported_where_it_was_given(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    page.goto(f"{site.address}/account/login/")
    page.get_by_label("Email").fill("nobody@example.com")
    page.get_by_label("Password").fill("not a password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("not correct"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(new_visitor: Callable[..., Visitor], site: Site, axe: str, theme: str) -> None:
    somebody, stranger = new_visitor(color_scheme=theme).page, new_visitor(color_scheme=theme).page
    sign_up(somebody, site, f"{theme}@example.com")
    for path in PATHS:
        page = somebody if path in ("/account/", "/account/password/change/") else stranger
        page.goto(site.address + path)
        assert page.url == site.address + path
        assert violations(page, axe) == []


def test_no_form_is_wider_than_a_phone(new_visitor: Callable[..., Visitor], site: Site) -> None:
    page = new_visitor(**PHONE, locale="vi-VN").page
    for path in PATHS[:3]:
        page.goto(site.address + path)
        assert sideways_scroll(page) <= 0

"""Consent is withdrawn as easily as given, and the page says what that did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import NARROWEST, PHONE, sideways_scroll, violations
from tests.browser.live_page import LivePage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


def confirmation_of(live: LivePage) -> Locator:
    """The message that confirms a withdrawal."""
    return live.part("consent-withdrawn")


def test_withdrawing_it_during_a_session_says_what_ended_what_is_kept_and_how_to_delete_it(
    visitor: Visitor, site: Site
) -> None:
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    live.press("consent-withdraw")
    confirmation = confirmation_of(live)
    expect(confirmation).to_be_focused()  # and so read aloud
    expect(confirmation).to_have_accessible_name("Consent withdrawn")
    expect(confirmation).to_have_accessible_description(
        "The camera is off, and your session has ended. No image was stored. "
        "The recorded results, numbers only, stay on the server until you delete them."
    )
    assert live.live_tracks() == 0
    expect(live.part("consent-accept")).to_be_visible()
    confirmation.get_by_role("link", name="Your data").click()
    expect(live.page.get_by_role("button", name="Delete all my data")).to_be_visible()
    live.open()
    expect(live.part("consent-accept")).to_be_visible()
    expect(confirmation_of(live)).to_be_hidden()  # it was said once


def test_without_a_session_nothing_is_said_to_have_ended(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open()
    live.press("consent-accept")
    live.press("consent-withdraw")
    expect(confirmation_of(live)).to_be_focused()
    expect(confirmation_of(live)).to_contain_text("The camera is off.", use_inner_text=True)
    expect(confirmation_of(live)).not_to_contain_text("session has ended", use_inner_text=True)


def test_agreeing_again_takes_the_confirmation_away(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open()
    live.press("consent-accept")
    live.press("consent-withdraw")
    live.press("consent-accept")
    expect(confirmation_of(live)).to_be_hidden()
    expect(live.part("start")).to_be_focused()


@pytest.mark.parametrize("withdraw", ["localStorage.removeItem('consent')", "localStorage.clear()"])
def test_withdrawing_it_in_one_tab_ends_the_session_of_another(
    visitor: Visitor, site: Site, withdraw: str
) -> None:
    live = LivePage(visitor.page, site.address).open()
    live.press("consent-accept")
    live.open().agree_and_start()  # consent that an earlier page has stored
    live.wait_for_faces(2)
    other = visitor.context.new_page()
    other.goto(f"{site.address}/privacy/")
    other.evaluate(withdraw)
    expect(confirmation_of(live)).to_be_visible()
    expect(confirmation_of(live)).to_contain_text("your session has ended", use_inner_text=True)
    assert live.live_tracks() == 0


@pytest.mark.parametrize(
    "screen",
    [PHONE, NARROWEST, {"color_scheme": "dark"}, {"locale": "vi-VN"}],
    ids=["phone", "narrowest", "dark", "vietnamese"],
)
def test_the_confirmation_fits_and_axe_finds_nothing(
    new_visitor: Callable[..., Visitor], site: Site, axe: str, screen: dict[str, Any]
) -> None:
    live = LivePage(new_visitor(**screen).page, site.address).open()
    live.press("consent-accept")
    live.press("consent-withdraw")
    expect(confirmation_of(live)).to_be_visible()
    assert sideways_scroll(live.page) <= 0
    assert violations(live.page, axe) == []

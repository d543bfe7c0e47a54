"""Keys without a modifier can be switched off: who speaks to the page types letters unawares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import NARROWEST, PHONE, sideways_scroll, violations
from tests.browser.live_page import LivePage
from tests.browser.recording import Recording
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_switched_off_no_letter_does_anything_on_the_live_page(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open()
    live.press("consent-accept")
    live.part("shortcut-switch").uncheck()
    live.open()  # remembered
    expect(live.part("shortcut-switch")).not_to_be_checked()
    expect(live.page.locator(".keys")).to_be_hidden()
    expect(live.page.locator("[aria-keyshortcuts]")).to_have_count(0)
    mirrored = live.part("mirror").get_attribute("aria-pressed")
    for key in ("s", "p", "m", "S", "M"):
        live.page.keyboard.press(key)
    assert live.state == "idle"
    assert live.part("mirror").get_attribute("aria-pressed") == mirrored
    live.part("shortcut-switch").check()
    live.page.keyboard.press("m")
    assert live.part("mirror").get_attribute("aria-pressed") != mirrored
    live.page.keyboard.press("s")
    live.wait_for_state("live")


def test_switched_off_no_sign_zooms_in_the_history(recorded: Page) -> None:
    moment = recorded.get_by_role("slider", name="Playhead")
    recorded.get_by_test_id("shortcut-switch").uncheck()
    recorded.reload()
    expect(recorded.get_by_test_id("shortcut-switch")).not_to_be_checked()
    moment.focus()
    recorded.keyboard.press("+")
    expect(recorded.locator("[data-window]")).to_have_text("")
    expect(recorded.locator("[data-shortcut-help]")).to_be_hidden()
    recorded.keyboard.press("ArrowRight")  # not a character: it stays
    expect(moment).to_have_value("1")
    recorded.get_by_role("button", name="Zoom in").click()
    expect(recorded.locator("[data-window]")).not_to_have_text("")


@pytest.mark.parametrize("screen", [PHONE, NARROWEST, {"locale": "vi-VN"}], ids=["phone", "narrow", "vi"])
def test_the_switch_fits_the_viewers_bar(
    new_visitor: Callable[..., Visitor], recording: Recording, axe: str, screen: dict[str, Any]
) -> None:
    page = recording.open_copy(new_visitor(**screen).page)
    expect(page.get_by_test_id("shortcut-switch")).to_be_visible()
    assert sideways_scroll(page) <= 0
    assert violations(page, axe) == []

"""What the live page shows while results come slowly, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import violations
from tests.browser.live_page import PATIENCE_MS, LivePage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]
SLOW_LINK = Path(__file__).with_name("slow_link.js").read_text()
LOST_SERVER = ("WebSocket connection to", "ERR_CONNECTION_REFUSED")
# What the chosen face's row says, and each bar: its name, its share, and whether it is the named one.
STATEMENT = """() => {
    const row = document.querySelector('.face-row:has([aria-pressed=true])');
    const bars = [...document.querySelectorAll('[data-bars] .meter')].map((bar) => ({
        name: bar.querySelector('.meter__name').textContent,
        share: bar.querySelector('.meter__value').textContent,
        named: bar.classList.contains('meter--named'),
    }));
    const part = (name) => row.querySelector(`.face-row__${name}`).textContent;
    return { words: part('label'), share: part('share'), uncertain: row.dataset.uncertain === 'true', bars };
}"""
COLOUR = "(selector) => getComputedStyle(document.querySelector(selector)).filter"


@pytest.fixture
def live(new_visitor: Callable[..., Visitor], site: Site) -> LivePage:
    return start_over_the_link(new_visitor(scripts=[SLOW_LINK]), site)


def start_over_the_link(visitor: Visitor, site: Site) -> LivePage:
    """Start a live session of a visitor whose pages run the test's link."""
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    return live


def assert_one_statement(page: Page) -> None:
    """The row of the chosen face and its bars agree."""
    said = page.evaluate(STATEMENT)
    named = [(bar["name"], bar["share"]) for bar in said["bars"] if bar["named"]]
    if said["uncertain"]:
        assert (said["words"], said["share"], named) == ("Uncertain", "", [])
    else:
        assert named == [(said["words"], said["share"])]
        assert int(said["share"].rstrip("%")) == max(int(bar["share"].rstrip("%")) for bar in said["bars"])


def face_numbers(live: LivePage) -> list[str | None]:
    return [row.get_attribute("data-face-id") for row in live.part("face-row").all()]


def assert_all_is_well(live: LivePage) -> None:
    expect(live.page.locator("[data-live]")).not_to_have_attribute("data-stale", "", timeout=PATIENCE_MS)
    expect(live.part("status-chip")).to_have_attribute("data-state", "live")
    expect(live.part("stale-note")).to_be_hidden()
    assert live.page.evaluate(COLOUR, ".face-row") == "none"


def assert_it_is_old(live: LivePage, state: str) -> None:
    expect(live.page.locator("[data-live]")).to_have_attribute("data-stale", "", timeout=PATIENCE_MS)
    expect(live.part("status-chip")).to_have_attribute("data-state", state)
    expect(live.part("stale-note")).to_be_visible()
    assert live.page.evaluate(COLOUR, ".face-row") == live.page.evaluate(COLOUR, ".meters") == "grayscale(1)"


def test_a_slow_link_is_named_and_list_and_bars_agree(live: LivePage) -> None:
    expect(live.part("slow")).to_have_text("")
    numbers = face_numbers(live)
    live.page.evaluate("Object.assign(link, { everyMs: 1000, delayMs: 1000 })")
    for _ in range(8):
        live.wait_for_results(1)
        assert_one_statement(live.page)
    assert face_numbers(live) == numbers
    expect(live.part("slow")).to_contain_text("The connection is slow", timeout=PATIENCE_MS)
    expect(live.part("status-chip")).to_contain_text(re.compile(r"\b(0\.\d|1) fps"), timeout=PATIENCE_MS)


def test_list_and_bars_agree_at_full_speed(live: LivePage) -> None:
    for _ in range(20):
        live.wait_for_results(1)
        assert_one_statement(live.page)


def test_results_that_stay_away_are_shown_as_old_until_the_next_one(live: LivePage) -> None:
    assert_all_is_well(live)
    live.page.evaluate("link.held = true")
    assert_it_is_old(live, "stalled")
    assert live.state == "live"
    expect(live.part("status-chip")).to_contain_text("No results")
    live.page.evaluate("link.release()")
    assert_all_is_well(live)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_while_results_stay_away(
    new_visitor: Callable[..., Visitor], site: Site, axe: str, theme: str
) -> None:
    live = start_over_the_link(new_visitor(color_scheme=theme, scripts=[SLOW_LINK]), site)
    live.page.evaluate("link.held = true")
    assert_it_is_old(live, "stalled")
    assert violations(live.page, axe) == []


def test_a_pause_is_not_a_lack_of_results(live: LivePage) -> None:
    live.press("pause")
    live.wait_for_state("paused")
    live.page.wait_for_timeout(2500)
    expect(live.page.locator("[data-live]")).not_to_have_attribute("data-stale", "")
    live.press("pause")
    live.wait_for_results(3)
    assert_all_is_well(live)


def test_what_a_lost_server_sent_last_is_shown_as_old(
    new_visitor: Callable[..., Visitor], own_site: Site
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints(*LOST_SERVER)
    live = LivePage(visitor.page, own_site.address).open().agree_and_start()
    live.wait_for_faces(2)
    own_site.kill()
    assert_it_is_old(live, "reconnecting")
    own_site.start()
    live.wait_for_state("live")
    live.wait_for_results(1)
    assert_all_is_well(live)

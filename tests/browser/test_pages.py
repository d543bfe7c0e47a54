"""Every page: both languages, both themes, phone width, keyboard, and the accessibility check."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import COLOR_RULES, NARROWEST, PHONE, sideways_scroll, violations
from tests.browser.live_page import LivePage
from tests.browser.photo_page import PhotoPage
from tests.browser.site import Site
from tests.sweeps import mostly_exhaustive

pytestmark = [pytest.mark.browser, pytest.mark.process]
PATHS = ("/", "/data/", "/history/", "/models/", "/photo/", "/privacy/", "/video/", "/api/", "/account/keys/")
# What a keyboard should reach, numbered in the page's order.
NUMBER_STOPS = """() => {
    const kinds = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    const reachable = (stop) => stop.tabIndex >= 0 && !stop.disabled && stop.checkVisibility();
    const open = [...document.querySelectorAll(kinds)].filter(reachable);
    open.forEach((stop, number) => { stop.dataset.stop = number; });
    return open.length;
}"""
FOCUSED_STOP = """() => {
    const style = getComputedStyle(document.activeElement);
    const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return [document.activeElement.dataset.stop, shown, document.activeElement.outerHTML.slice(0, 100)];
}"""


@pytest.mark.parametrize("path", PATHS)
def test_nothing_scrolls_sideways(new_visitor: Callable[..., Visitor], site: Site, path: str) -> None:
    page = new_visitor(**PHONE).page
    page.goto(site.address + path)
    assert sideways_scroll(page) <= 0
    page.set_viewport_size(NARROWEST["viewport"])
    assert sideways_scroll(page) <= 0


def test_the_running_live_page_does_not_scroll_sideways(
    new_visitor: Callable[..., Visitor], site: Site
) -> None:
    live = LivePage(new_visitor(**PHONE).page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    assert sideways_scroll(live.page) <= 0


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(new_visitor: Callable[..., Visitor], site: Site, axe: str, path: str) -> None:
    page = new_visitor(color_scheme="light").page
    page.goto(site.address + path)
    assert violations(page, axe) == []
    page.emulate_media(color_scheme="dark")
    page.reload()  # nothing is on its way from one color to the other
    assert violations(page, axe, COLOR_RULES) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_while_it_is_live(
    new_visitor: Callable[..., Visitor], site: Site, axe: str, theme: str
) -> None:
    live = LivePage(new_visitor(color_scheme=theme).page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    assert violations(live.page, axe) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_beside_a_pictures_answer(
    new_visitor: Callable[..., Visitor], site: Site, axe: str, theme: str, zidane_jpg: Path
) -> None:
    photo = PhotoPage(new_visitor(color_scheme=theme).page, site.address).open().give([zidane_jpg])
    assert violations(photo.page, axe) == []


def test_a_pictures_answer_does_not_scroll_sideways(
    new_visitor: Callable[..., Visitor], site: Site, zidane_jpg: Path
) -> None:
    photo = PhotoPage(new_visitor(**PHONE).page, site.address).open().give([zidane_jpg])
    assert sideways_scroll(photo.page) <= 0


def test_the_language_is_switched_and_kept(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    page.goto(f"{site.address}/privacy/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert page.url == f"{site.address}/privacy/"
    page.goto(f"{site.address}/")
    expect(page.get_by_role("link", name="Lịch sử", exact=True)).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="History", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", mostly_exhaustive(PATHS, always=("/", "/video/")))
def test_a_vietnamese_browser_gets_vietnamese(
    new_visitor: Callable[..., Visitor], site: Site, path: str
) -> None:
    page = new_visitor(locale="vi-VN").page
    page.goto(site.address + path)
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("h1").first).not_to_be_empty()


def test_the_live_page_runs_in_vietnamese(new_visitor: Callable[..., Visitor], site: Site) -> None:
    live = LivePage(new_visitor(locale="vi-VN").page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    assert "Face" not in live.part("face-row").first.inner_text()


def test_the_theme_is_switched_and_kept(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    page.goto(f"{site.address}/models/")
    before = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]").click()
    page.goto(f"{site.address}/privacy/")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != before


def test_the_keyboard_reaches_consent_and_start(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open()
    for _ in range(30):
        live.page.keyboard.press("Tab")
        focused = live.page.evaluate("() => document.activeElement?.dataset.testid")
        if focused == "consent-accept":
            break
    assert focused == "consent-accept"
    live.page.keyboard.press("Enter")
    expect(live.part("start")).to_be_focused()
    live.page.keyboard.press("Enter")
    live.wait_for_state("live")


@pytest.mark.parametrize(
    "path", mostly_exhaustive(PATHS, always=("/", "/photo/", "/video/", "/account/keys/"))
)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    visitor: Visitor, site: Site, path: str
) -> None:
    page = visitor.page
    page.goto(site.address + path, wait_until="networkidle")
    stops = page.evaluate(NUMBER_STOPS)
    assert stops > 5
    reached, invisible = set(), []
    for _ in range(stops + 2):
        page.keyboard.press("Tab")
        stop, shown, element = page.evaluate(FOCUSED_STOP)
        if stop is None:  # from the last stop on, the browser's own buttons follow
            continue
        reached.add(int(stop))
        if not shown:
            invisible.append(element)
    assert reached == set(range(stops))
    assert invisible == []


def test_an_example_of_the_api_is_copied(visitor: Visitor, site: Site) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    page.goto(f"{site.address}/api/")
    button = page.get_by_test_id("copy-curl").first
    button.click()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("curl --data-binary")
    assert f"{site.address}/api/v1/analyze" in copied


@pytest.mark.parametrize("path", mostly_exhaustive(PATHS, always=("/", "/models/")))
def test_the_footer_names_licence_and_source(visitor: Visitor, site: Site, path: str) -> None:
    visitor.page.goto(site.address + path)
    footer = visitor.page.locator("footer")
    expect(footer).to_contain_text("AGPL")
    assert footer.get_by_role("link").first.get_attribute("href")


def test_a_page_that_is_not_there_says_so_calmly(visitor: Visitor, site: Site) -> None:
    visitor.expect_complaints("404")
    visitor.page.goto(f"{site.address}/nowhere/")
    expect(visitor.page.locator("h1")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="History", exact=True)).to_be_visible()

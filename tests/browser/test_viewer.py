"""The viewer: scrub, zoom, mark, merge and compare, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import PHONE, sideways_scroll, violations
from tests.browser.recording import Recording
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


AT_THE_END = "() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2"


def scrubber(page: Page) -> Locator:
    """The slider that chooses the moment."""
    return page.get_by_role("slider", name="Playhead")


def test_the_moment_is_chosen_by_keyboard_and_said_in_words(recorded: Page) -> None:
    scrubber(recorded).focus()
    recorded.keyboard.press("End")
    recorded.keyboard.press("ArrowLeft")
    recorded.keyboard.press("ArrowLeft")
    expect(scrubber(recorded)).to_have_attribute("aria-valuetext", re.compile(r"^0:\d\d\. Face 1: \S"))
    expect(recorded.locator("[data-reading='1'] [data-value]")).to_have_text(
        re.compile(r"\d+%|not visible|Uncertain")
    )


def test_pointing_at_one_chart_moves_the_cursor_in_all(recorded: Page) -> None:
    over = recorded.locator("[data-timeline] .u-over").first
    over.hover(position={"x": 150, "y": 60})
    places = recorded.locator(".u-cursor-x").evaluate_all(
        "(cursors) => cursors.map((cursor) => Math.round(cursor.getBoundingClientRect().left))"
    )
    lanes = recorded.locator("[data-lane]").count()
    assert len(places) == 2 * lanes >= 4  # two faces or more, each with its expressions and confidence
    assert max(places) - min(places) <= 2
    assert recorded.locator(".lane__cursor").count() == lanes


def test_a_press_on_a_ribbon_chooses_the_moment(recorded: Page) -> None:
    lane = recorded.locator("[data-lane]").first
    box = lane.bounding_box()
    assert box is not None
    lane.click(position={"x": box["width"] * 0.8, "y": box["height"] / 2})
    assert int(scrubber(recorded).input_value()) > 0


def test_dragging_zooms_all_charts_and_a_double_click_shows_the_complete_session(recorded: Page) -> None:
    over = recorded.locator("[data-timeline] .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    recorded.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 100)
    recorded.mouse.down()
    recorded.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 100, steps=5)
    recorded.mouse.up()
    expect(recorded.locator("[data-window]")).to_have_text(re.compile(r"\d:\d\d–\d:\d\d"))
    expect(recorded.locator(".lane__window").first).to_be_visible()
    over.dblclick(position={"x": 100, "y": 60})
    expect(recorded.locator("[data-window]")).to_have_text("")


def test_keys_zoom_only_in_the_viewers_bar(recorded: Page) -> None:
    scrubber(recorded).focus()
    recorded.keyboard.press("+")
    expect(recorded.locator("[data-window]")).not_to_have_text("")
    recorded.keyboard.press("0")
    expect(recorded.locator("[data-window]")).to_have_text("")
    recorded.get_by_label("Title").focus()
    recorded.keyboard.press("+")
    expect(recorded.locator("[data-window]")).to_have_text("")
    expect(recorded.get_by_label("Title")).to_have_value("+")


def test_a_marker_takes_the_moments_time_is_changed_and_removed(recorded: Page) -> None:
    scrubber(recorded).fill("3")
    recorded.locator("#new-marker-note").fill("Lan <b>laughs</b>")
    recorded.get_by_role("button", name="Add marker").click()
    expect(recorded.locator(".marker__note")).to_have_text("Lan <b>laughs</b>")
    recorded.get_by_role("button", name="0:03").click()
    expect(scrubber(recorded)).to_have_value("3")
    recorded.locator(".markers summary").click()
    recorded.locator(".markers input[name=note]").fill("Lan smiles")
    recorded.get_by_role("button", name="Save marker").click()
    expect(recorded.locator(".marker__note")).to_have_text("Lan smiles")
    recorded.locator(".markers summary").click()
    recorded.get_by_role("button", name="Delete marker").click()
    expect(recorded.locator(".marker__note")).to_have_count(0)


def view_of(page: Page) -> dict[str, object]:
    """What a visitor has chosen to look at."""
    return {
        "moment": scrubber(page).input_value(),
        "window": page.locator("[data-window]").text_content(),
        "faces": [page.locator(f"#merge-{name}").input_value() for name in ("face", "into")],
    }


def top_of(page: Page) -> float:
    """Return where the viewer begins on the screen, in pixels."""
    return float(page.locator("[data-viewer]").evaluate("(root) => root.getBoundingClientRect().top"))


def choose_a_view(page: Page) -> dict[str, object]:
    """Zoom in, go to 0:03, and choose two faces."""
    scrubber(page).fill("3")
    page.get_by_role("button", name="Zoom in").click()
    page.locator("#merge-face").select_option("1")
    page.locator("#merge-into").select_option("2")
    return view_of(page)


def press_and_keep_the_view(page: Page, button: Locator, outcome: Locator) -> None:
    """Send a form; when `outcome` is there, the view and the place on the screen are as they were."""
    button.scroll_into_view_if_needed()
    view, top = view_of(page), top_of(page)
    assert top < -100
    button.click()
    expect(outcome).to_be_visible()
    page.wait_for_load_state("load")
    expect(scrubber(page)).to_have_value(str(view["moment"]))
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert view_of(page) == view
    # A page that became shorter may end above the place.
    assert abs(top_of(page) - top) <= 2 or page.evaluate(AT_THE_END)
    expect(page.locator("#new-marker-time")).to_have_value("0:03")


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_a_marker_leaves_the_view_as_it_was(
    new_visitor: Callable[..., Visitor], recording: Recording, screen: dict[str, object]
) -> None:
    visitor = new_visitor(**screen)
    page = recording.open_copy(visitor.page)
    choose_a_view(page)
    page.locator("#new-marker-note").fill("Lan laughs")
    add = page.get_by_role("button", name="Add marker")
    press_and_keep_the_view(page, add, page.get_by_text("Marker added."))

    save = page.get_by_role("button", name="Save marker")
    page.locator(".markers summary").click()
    page.locator(".markers input[name=note]").fill("Lan smiles")
    page.locator(".markers input[name=time]").fill("0:01")
    press_and_keep_the_view(page, save, page.get_by_text("Marker updated."))

    visitor.expect_complaints("status of 400")
    page.locator(".markers summary").click()
    page.locator(".markers input[name=time]").fill("9:59")
    press_and_keep_the_view(page, save, page.locator(".markers [role=alert]"))

    remove = page.get_by_role("button", name="Delete marker")
    press_and_keep_the_view(page, remove, page.get_by_text("Marker deleted."))
    expect(page.locator(".marker__note")).to_have_count(0)


def test_the_moment_and_the_zoom_stay_over_a_reload_and_another_language(recorded: Page) -> None:
    view = choose_a_view(recorded)
    recorded.reload()
    expect(scrubber(recorded)).to_have_value(str(view["moment"]))
    expect(recorded.locator("[data-window]")).to_have_text(str(view["window"]))
    recorded.get_by_role("button", name="Tiếng Việt").click()
    recorded.wait_for_selector("html[lang=vi]")
    expect(recorded.locator("[data-scrubber]")).to_have_value(str(view["moment"]))
    expect(recorded.locator("[data-window]")).to_have_text(str(view["window"]))


def test_a_new_visit_of_a_session_starts_at_0(recorded: Page) -> None:
    address = recorded.url
    choose_a_view(recorded)
    recorded.goto(address)
    expect(scrubber(recorded)).to_have_value("0")
    expect(recorded.locator("[data-window]")).to_have_text("")


def test_two_faces_become_one_and_two_again(recorded: Page) -> None:
    recorded.get_by_label("Merge", exact=True).select_option("2")
    recorded.get_by_label("into", exact=True).select_option("1")
    recorded.get_by_role("button", name="Merge", exact=True).click()
    expect(recorded.get_by_role("heading", name="Face 2", exact=True)).to_have_count(0)
    recorded.get_by_role("button", name="Undo: separate Face 2 from Face 1").click()
    expect(recorded.get_by_role("heading", name="Face 2", exact=True)).to_be_visible()


def test_two_sessions_are_chosen_and_compared(recorded: Page, recording: Recording, site: Site) -> None:
    recording.open_copy(recorded)
    recorded.goto(f"{site.address}/history/")
    compare = recorded.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    for box in recorded.get_by_role("checkbox").all():
        box.check()
    compare.click()
    recorded.wait_for_url("**/history/compare/?a=*&b=*")
    expect(recorded.locator(".compared canvas")).to_have_count(4)
    scrubber(recorded).focus()
    recorded.keyboard.press("ArrowRight")
    expect(recorded.locator("[data-reading='b'] [data-value]")).not_to_be_empty()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_viewer_and_the_comparison(
    new_visitor: Callable[..., Visitor],
    site: Site,
    recording: Recording,
    axe: str,
    theme: str,
) -> None:
    page = recording.open_copy(new_visitor(color_scheme=theme).page)
    assert violations(page, axe) == []
    session = page.url.rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{site.address}/history/compare/?a={session}&b={session}")
    assert violations(page, axe) == []


def test_on_a_phone_nothing_scrolls_sideways(
    new_visitor: Callable[..., Visitor], site: Site, recording: Recording
) -> None:
    page = recording.open_copy(new_visitor(**PHONE).page)
    assert sideways_scroll(page) <= 0
    session = page.url.rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{site.address}/history/compare/?a={session}&b={session}")
    assert sideways_scroll(page) <= 0
    page.goto(f"{site.address}/history/")
    assert sideways_scroll(page) <= 0

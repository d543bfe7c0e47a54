"""Whoever asks the system for less motion sees none: nothing spins, fades or slides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.live_page import LivePage
from tests.browser.photo_page import PhotoPage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]
PATHS = ("/", "/history/", "/models/", "/photo/", "/privacy/", "/video/", "/api/", "/account/keys/")
# What moves, or would move once it is shown, changed or scrolled to.
MOVING = """() => [...document.querySelectorAll('*')].flatMap((element) =>
    [null, '::before', '::after'].filter((part) => {
        const style = getComputedStyle(element, part);
        const waits = style.transitionDuration.split(', ').some((duration) => parseFloat(duration) > 0);
        return style.animationName !== 'none' || (waits && style.transitionProperty !== 'none')
            || style.scrollBehavior === 'smooth';
    }).map((part) => `${element.className || element.localName}${part ?? ''}`)
)"""


def moving(page: Page) -> list[str]:
    """Return what has an animation or a transition."""
    return list(page.evaluate(MOVING))


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_motion(new_visitor: Callable[..., Visitor], site: Site, path: str) -> None:
    page = new_visitor(reduced_motion="reduce").page
    page.goto(site.address + path)
    assert moving(page) == []


def test_with_motion_there_is_some_to_find(visitor: Visitor, site: Site) -> None:
    visitor.page.goto(f"{site.address}/")
    assert "spinner" in moving(visitor.page)


def test_the_start_spinner_does_not_move(new_visitor: Callable[..., Visitor], site: Site) -> None:
    visitor = new_visitor(reduced_motion="reduce")
    visitor.page.route_web_socket("**/ws/live/", lambda _: None)  # a server that never answers
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_state("starting")
    expect(live.page.locator(".spinner")).to_be_visible()
    assert live.page.evaluate("() => document.getAnimations().length") == 0
    assert moving(live.page) == []


def test_an_image_that_waits_for_its_answer_has_a_still_bar(
    new_visitor: Callable[..., Visitor], site: Site, zidane_jpg: Path
) -> None:
    visitor = new_visitor(reduced_motion="reduce")
    visitor.page.route("**/photo/analyse/**", lambda _: None)  # an answer that never comes
    photo = PhotoPage(visitor.page, site.address).open()
    photo.part("photo-files").set_input_files(zidane_jpg)
    bar = photo.page.locator(".picture progress")
    expect(bar).to_be_visible()
    bar.evaluate("bar => bar.removeAttribute('value')")  # as while the server works on it
    # Chromium moves the bar of its own look by itself, whatever the style sheet says of animations.
    assert bar.evaluate("bar => getComputedStyle(bar).appearance") == "none"
    photo.page.unroute_all(behavior="ignoreErrors")

"""Films: given, watched while they are analysed, paused, played, taken away and deleted."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.inspection import PHONE, sideways_scroll, violations
from tests.browser.site import Site, working
from tests.emoweb.films import film_of_picture
from tests.processes import mapped_libraries

pytestmark = [pytest.mark.browser, pytest.mark.process]
PATIENCE_MS = 120_000


@pytest.fixture
def worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A worker beside the site."""
    with working(site) as running:
        yield running


def give(page: Page, site: Site, film: Path) -> None:
    """Choose a film on the films' page and send it."""
    page.goto(f"{site.address}/video/")
    page.get_by_test_id("film-file").set_input_files(film)
    page.get_by_test_id("film-labels").select_option("fer5")
    page.get_by_test_id("film-send").click()


def test_a_film_is_analysed_played_and_taken_away(
    site: Site,
    new_visitor: Callable[..., Visitor],
    worker: subprocess.Popen[bytes],
    axe: str,
    zidane_jpg: Path,
    tmp_path: Path,
) -> None:
    alice, bob = new_visitor(), new_visitor()
    for visitor in (alice, bob):
        visitor.expect_complaints("404")
    page = alice.page
    give(page, site, film_of_picture(tmp_path / "two.mp4", zidane_jpg, seconds=12))
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    video = page.get_by_test_id("film-video")
    expect(video).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_test_id("film-face").count() >= 2
    if sys.platform == "linux":
        assert "libtorch" not in mapped_libraries(worker.pid)

    assert violations(page, axe) == []
    page.set_viewport_size(PHONE["viewport"])
    assert sideways_scroll(page) <= 0
    page.set_viewport_size({"width": 1280, "height": 860})

    # It plays: its own time moves on.
    page.wait_for_function("() => document.querySelector('[data-video]').readyState >= 2")
    video.evaluate("(film) => film.play()")
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime > 0.5")
    assert video.evaluate("(film) => [film.videoWidth, film.videoHeight]") == [640, 480]

    # A click on the timeline, and one on a moment, move it.
    line = page.locator("[data-timeline]").first
    box = line.bounding_box()
    assert box is not None
    video.evaluate("(film) => film.pause()")
    line.click(position={"x": box["width"] * 0.75, "y": 5})
    page.wait_for_function(
        "() => { const film = document.querySelector('[data-video]');"
        " return !film.seeking && Math.abs(film.currentTime - 9.75) < 0.6; }"
    )
    page.get_by_test_id("film-moment").first.click()
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime < 1")

    for width, height in ((1280, 860), (390, 844), (844, 390), (740, 360), (1024, 500)):
        page.set_viewport_size({"width": width, "height": height})
        assert sideways_scroll(page) <= 0
        expect_player_in_view(page)
    page.set_viewport_size({"width": 1280, "height": 860})

    with page.expect_download() as download:
        page.get_by_test_id("film-json").click()
    told = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert told["film"]["duration_s"] == pytest.approx(12, abs=0.2)
    assert told["film"]["label_set"] == "fer5"

    address = page.url
    assert bob.page.goto(address).status == 404  # type: ignore[union-attr]
    page.get_by_test_id("film-delete").click()
    page.get_by_role("link", name="Keep it").click()
    expect(page).to_have_url(address)
    page.get_by_test_id("film-delete").click()
    assert violations(page, axe) == []
    page.get_by_test_id("film-delete-confirm").click()
    expect(page).to_have_url(f"{site.address}/video/")
    assert page.goto(address).status == 404  # type: ignore[union-attr]


def expect_player_in_view(page: Page) -> None:
    """Seek by the last moment, the last timeline and the keyboard: the player is in view each time."""
    last = page.get_by_test_id("film-moment").last
    last.scroll_into_view_if_needed()
    last.click()
    expect(page.get_by_test_id("film-video")).to_be_in_viewport(ratio=0.9)
    page.locator("[data-timeline]").last.click()
    expect(page.get_by_test_id("film-video")).to_be_in_viewport(ratio=0.9)
    page.evaluate("() => { window.scrollTo(0, 0); document.querySelector('[data-video]').currentTime = 5; }")
    first = page.get_by_test_id("film-moment").first
    last.focus()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime < 1")
    expect(page.get_by_test_id("film-video")).to_be_in_viewport(ratio=0.9)
    # What has the focus is not behind the player.
    assert first.evaluate(
        "(button) => { const box = button.getBoundingClientRect();"
        " return button.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )


def of_three_parts(film: Path) -> Path:
    """Make an MP4 so large that it is sent in three parts."""
    filling = 4_500_000
    with film.open("ab") as file:
        file.write(struct.pack(">I", filling) + b"free" + bytes(filling - 8))
    return film


def test_an_upload_survives_a_lost_connection(
    site: Site, new_visitor: Callable[..., Visitor], zidane_jpg: Path, tmp_path: Path
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints("ERR_", "502")
    page = visitor.page
    failures = [
        lambda route: route.abort("connectionreset"),
        lambda route: route.fulfill(status=502, body="Bad gateway"),
        # The part is received, its answer lost.
        lambda route: (route.fetch(), route.abort("connectionreset")),
    ]

    def fail(route: Route) -> None:
        failures.pop(0)(route) if failures else route.continue_()

    page.route("**/part/?offset=2000000", fail)
    give(page, site, of_three_parts(film_of_picture(tmp_path / "two.mp4", zidane_jpg, seconds=2)))
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    assert failures == []
    expect(page.get_by_test_id("film-state")).to_have_text("Waiting for its turn")


def test_an_upload_continues_after_a_reload_with_the_same_file(
    site: Site, new_visitor: Callable[..., Visitor], axe: str, zidane_jpg: Path, tmp_path: Path
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints("ERR_", "409")
    page = visitor.page
    film = of_three_parts(film_of_picture(tmp_path / "two.mp4", zidane_jpg, seconds=2))
    page.route("**/part/?offset=2000000", lambda route: route.abort("connectionreset"))
    give(page, site, film)
    expect(page.locator("[data-words]")).to_have_text("Connection lost. Trying again…", timeout=PATIENCE_MS)
    page.reload()
    page.unroute("**/part/?offset=2000000")
    sent: list[str] = []
    page.on("request", lambda request: "/part/" in request.url and sent.append(request.url.split("=")[1]))
    button = page.get_by_test_id("film-continue")
    expect(button).to_be_visible()
    assert violations(page, axe) == []
    page.set_viewport_size(PHONE["viewport"])
    assert sideways_scroll(page) <= 0

    other = tmp_path / "other" / film.name
    other.parent.mkdir()
    other.write_bytes(film.read_bytes()[::-1])
    for wrong in (zidane_jpg, other):
        with page.expect_file_chooser() as chooser:
            button.click()
        chooser.value.set_files(wrong)
        expect(page.get_by_test_id("film-trouble")).to_contain_text("another file", timeout=PATIENCE_MS)
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(film)
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    # The first part twice, to compare it, and then only what was missing.
    assert sent == ["0", "0", "2000000", "4000000"]


def test_a_film_that_waits_can_be_paused_and_cancelled(
    site: Site, new_visitor: Callable[..., Visitor], zidane_jpg: Path, tmp_path: Path
) -> None:
    page = new_visitor().page
    give(page, site, film_of_picture(tmp_path / "two.mp4", zidane_jpg, seconds=2))
    page.get_by_test_id("film-pause").click()
    expect(page.get_by_test_id("film-state")).to_have_text("Paused")
    page.get_by_test_id("film-resume").click()
    expect(page.get_by_test_id("film-state")).to_have_text("Waiting for its turn")
    page.get_by_test_id("film-cancel").click()
    expect(page.get_by_test_id("film-state")).to_have_text("Cancelled")


def test_a_text_named_mp4_is_told_in_the_visitors_language(
    site: Site, new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints("415")
    page = visitor.page
    film = tmp_path / "a.mp4"
    film.write_text("this is no film, whatever its name says")
    give(page, site, film)
    expect(page.get_by_test_id("film-trouble")).to_contain_text("not an MP4")

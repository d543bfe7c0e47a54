"""Films: given, watched while they are analysed, paused, played, taken away and deleted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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

    with page.expect_download() as download:
        page.get_by_test_id("film-json").click()
    told = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert told["film"]["duration_s"] == pytest.approx(12, abs=0.2)
    assert told["film"]["label_set"] == "fer5"

    address = page.url
    assert bob.page.goto(address).status == 404  # type: ignore[union-attr]
    page.get_by_test_id("film-delete").click()
    expect(page).to_have_url(f"{site.address}/video/")
    assert page.goto(address).status == 404  # type: ignore[union-attr]


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

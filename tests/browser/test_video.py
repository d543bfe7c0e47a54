"""Videos: uploaded, analyzed, paused, played, exported and deleted."""

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
from tests.emoweb.videos import video_of_image
from tests.processes import mapped_libraries

pytestmark = [pytest.mark.browser, pytest.mark.process]
PATIENCE_MS = 120_000


@pytest.fixture
def worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A worker beside the site."""
    with working(site) as running:
        yield running


def upload(page: Page, site: Site, video: Path) -> None:
    """Choose a video on the page and upload it."""
    page.goto(f"{site.address}/video/")
    page.get_by_test_id("video-file").set_input_files(video)
    page.get_by_test_id("video-labels").select_option("fer5")
    page.get_by_test_id("video-send").click()


def test_a_video_is_analyzed_played_and_exported(
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
    upload(page, site, video_of_image(tmp_path / "two.mp4", zidane_jpg, seconds=12))
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    video = page.get_by_test_id("video-player")
    expect(video).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_test_id("video-face").count() >= 2
    if sys.platform == "linux":
        assert "libtorch" not in mapped_libraries(worker.pid)

    assert violations(page, axe) == []
    page.set_viewport_size(PHONE["viewport"])
    assert sideways_scroll(page) <= 0
    page.set_viewport_size({"width": 1280, "height": 860})

    # It plays: its own time moves on.
    page.wait_for_function("() => document.querySelector('[data-video]').readyState >= 2")
    video.evaluate("(video) => video.play()")
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime > 0.5")
    assert video.evaluate("(video) => [video.videoWidth, video.videoHeight]") == [640, 480]

    # A click on the timeline, and one on a moment, move it.
    line = page.locator("[data-timeline]").first
    box = line.bounding_box()
    assert box is not None
    video.evaluate("(video) => video.pause()")
    line.click(position={"x": box["width"] * 0.75, "y": 5})
    page.wait_for_function(
        "() => { const video = document.querySelector('[data-video]');"
        " return !video.seeking && Math.abs(video.currentTime - 9.75) < 0.6; }"
    )
    page.get_by_test_id("video-moment").first.click()
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime < 1")

    for width, height in ((1280, 860), (390, 844), (844, 390), (740, 360), (1024, 500)):
        page.set_viewport_size({"width": width, "height": height})
        assert sideways_scroll(page) <= 0
        expect_player_in_view(page)
    page.set_viewport_size({"width": 1280, "height": 860})

    with page.expect_download() as download:
        page.get_by_test_id("video-json").click()
    exported = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert exported["film"]["duration_s"] == pytest.approx(12, abs=0.2)
    assert exported["film"]["label_set"] == "fer5"

    address = page.url
    assert bob.page.goto(address).status == 404  # type: ignore[union-attr]
    page.get_by_test_id("video-delete").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(address)
    page.get_by_test_id("video-delete").click()
    assert violations(page, axe) == []
    page.get_by_test_id("video-delete-confirm").click()
    expect(page).to_have_url(f"{site.address}/video/")
    assert page.goto(address).status == 404  # type: ignore[union-attr]


def expect_player_in_view(page: Page) -> None:
    """Seek by the last moment, the last timeline and the keyboard: the player is in view each time."""
    last = page.get_by_test_id("video-moment").last
    last.scroll_into_view_if_needed()
    last.click()
    expect(page.get_by_test_id("video-player")).to_be_in_viewport(ratio=0.9)
    page.locator("[data-timeline]").last.click()
    expect(page.get_by_test_id("video-player")).to_be_in_viewport(ratio=0.9)
    page.evaluate("() => { window.scrollTo(0, 0); document.querySelector('[data-video]').currentTime = 5; }")
    first = page.get_by_test_id("video-moment").first
    last.focus()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[data-video]').currentTime < 1")
    expect(page.get_by_test_id("video-player")).to_be_in_viewport(ratio=0.9)
    # What has the focus is not behind the player.
    assert first.evaluate(
        "(button) => { const box = button.getBoundingClientRect();"
        " return button.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )


def of_three_parts(video: Path) -> Path:
    """Make an MP4 so large that it is uploaded in three parts."""
    filling = 4_500_000
    with video.open("ab") as file:
        file.write(struct.pack(">I", filling) + b"free" + bytes(filling - 8))
    return video


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
    upload(page, site, of_three_parts(video_of_image(tmp_path / "two.mp4", zidane_jpg, seconds=2)))
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    assert failures == []
    expect(page.get_by_test_id("video-state")).to_have_text("Queued")


def test_an_upload_continues_after_a_reload_with_the_same_file(
    site: Site, new_visitor: Callable[..., Visitor], axe: str, zidane_jpg: Path, tmp_path: Path
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints("ERR_", "409")
    page = visitor.page
    video = of_three_parts(video_of_image(tmp_path / "two.mp4", zidane_jpg, seconds=2))
    page.route("**/part/?offset=2000000", lambda route: route.abort("connectionreset"))
    upload(page, site, video)
    expect(page.locator("[data-words]")).to_have_text("Connection lost. Trying again…", timeout=PATIENCE_MS)
    page.reload()
    page.unroute("**/part/?offset=2000000")
    sent: list[str] = []
    page.on("request", lambda request: "/part/" in request.url and sent.append(request.url.split("=")[1]))
    button = page.get_by_test_id("video-continue")
    expect(button).to_be_visible()
    assert violations(page, axe) == []
    page.set_viewport_size(PHONE["viewport"])
    assert sideways_scroll(page) <= 0

    other = tmp_path / "other" / video.name
    other.parent.mkdir()
    other.write_bytes(video.read_bytes()[::-1])
    for wrong in (zidane_jpg, other):
        with page.expect_file_chooser() as chooser:
            button.click()
        chooser.value.set_files(wrong)
        expect(page.get_by_test_id("video-error")).to_contain_text("different file", timeout=PATIENCE_MS)
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(video)
    expect(page).to_have_url(re.compile(r"/video/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)
    # The first part twice, to compare it, and then only what was missing.
    assert sent == ["0", "0", "2000000", "4000000"]


def test_a_queued_video_can_be_paused_and_cancelled(
    site: Site, new_visitor: Callable[..., Visitor], zidane_jpg: Path, tmp_path: Path
) -> None:
    page = new_visitor().page
    upload(page, site, video_of_image(tmp_path / "two.mp4", zidane_jpg, seconds=2))
    page.get_by_test_id("video-pause").click()
    expect(page.get_by_test_id("video-state")).to_have_text("Paused")
    page.get_by_test_id("video-resume").click()
    expect(page.get_by_test_id("video-state")).to_have_text("Queued")
    page.get_by_test_id("video-cancel").click()
    expect(page.get_by_test_id("video-state")).to_have_text("Cancelled")


def test_a_text_named_mp4_is_rejected_in_the_visitors_language(
    site: Site, new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints("415")
    page = visitor.page
    video = tmp_path / "a.mp4"
    video.write_text("this is no video, whatever its name says")
    upload(page, site, video)
    expect(page.get_by_test_id("video-error")).to_contain_text("not an MP4")

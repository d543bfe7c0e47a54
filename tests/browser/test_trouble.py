"""What can go wrong with a camera or a server, what the page says, and how it recovers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.chromium import ALLOW_CAMERA, camera_arguments, launch
from tests.browser.conftest import Visitor
from tests.browser.live_page import LivePage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]
# A socket that cannot connect is Chromium's own console error; no script can catch it.
LOST_SERVER = ("WebSocket connection to", "ERR_CONNECTION_REFUSED")


def test_a_denied_camera_is_reported_and_can_be_tried_again(
    playwright: Playwright, chromium: str, camera_file: Path, new_visitor: Callable[..., Visitor], site: Site
) -> None:
    arguments = [argument for argument in camera_arguments(camera_file) if argument != ALLOW_CAMERA]
    strict = launch(playwright, chromium, arguments)
    visitor = new_visitor(on=strict)
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_message("camera-denied")
    expect(live.part("message")).to_contain_text("blocked")
    assert live.results == 0
    visitor.context.grant_permissions(["camera"])
    live.press("start")
    live.wait_for_state("live")
    live.wait_for_faces(2)
    strict.close()


def test_no_camera_is_reported(
    playwright: Playwright, chromium: str, new_visitor: Callable[..., Visitor], site: Site
) -> None:
    bare = launch(playwright, chromium, [ALLOW_CAMERA, "--use-fake-device-for-media-stream=device-count=0"])
    visitor = new_visitor(on=bare)
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_message("camera-none")
    expect(live.part("message")).to_contain_text("No camera")
    assert live.live_tracks() == 0
    bare.close()


def test_a_killed_server_is_reported_and_the_session_continues(
    new_visitor: Callable[..., Visitor], own_site: Site
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints(*LOST_SERVER)
    live = LivePage(visitor.page, own_site.address).open().agree_and_start()
    live.wait_for_faces(2)
    live.wait_for_results(15)
    own_site.kill()
    live.wait_for_message("reconnecting")
    own_site.start()
    live.wait_for_state("live", 60_000)
    live.wait_for_results(8)
    live.wait_for_faces(2)
    live.press("stop")
    live.wait_for_state("stopped")
    visitor.page.goto(f"{own_site.address}/history/")
    expect(visitor.page.locator(".session-row")).to_have_count(1)


def test_a_server_that_stops_in_order_is_back_after_its_start(
    new_visitor: Callable[..., Visitor], own_site: Site
) -> None:
    visitor = new_visitor()
    visitor.expect_complaints(*LOST_SERVER)
    live = LivePage(visitor.page, own_site.address).open().agree_and_start()
    live.wait_for_results(8)
    own_site.stop()
    live.wait_for_message("reconnecting")
    own_site.start()
    live.wait_for_state("live", 60_000)
    live.wait_for_results(10)


def test_a_full_server_is_reported_and_tried_again(
    new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    small = Site(tmp_path, MAX_VIEWERS="1")
    small.start()
    alice = LivePage(new_visitor().page, small.address).open().agree_and_start()
    alice.wait_for_results(5)
    bob = LivePage(new_visitor().page, small.address).open().agree_and_start()
    bob.wait_for_message("capacity")
    alice.press("stop")
    bob.wait_for_state("live")
    bob.wait_for_results(5)
    bob.press("stop")
    bob.wait_for_state("stopped")
    small.stop()

"""A live session goes on over a reload and a change of language, in its own tab and in no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, WebSocket, expect

from tests.browser.chromium import launch
from tests.browser.conftest import Visitor
from tests.browser.live_page import LivePage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


class Wire:
    """The messages of a page's sockets, as they come and go."""

    def __init__(self, page: Page) -> None:
        """Listen to the sockets that the page opens from now on."""
        self.welcomes: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)
        socket.on("framesent", self._sent)

    def _received(self, data: str | bytes) -> None:
        if isinstance(data, str) and json.loads(data)["type"] == "welcome":
            self.welcomes.append(json.loads(data))

    def _sent(self, data: str | bytes) -> None:
        if isinstance(data, str):
            self.sent.append(json.loads(data))

    def types_sent(self) -> list[str]:
        """Return the types of the text messages that left the page, pings left out."""
        return [message["type"] for message in self.sent if message["type"] != "ping"]


def running(visitor: Visitor, site: Site) -> tuple[LivePage, Wire]:
    """Return a live page with two faces on it, and its wire."""
    wire = Wire(visitor.page)
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_faces(2)
    return live, wire


def face_ids(live: LivePage) -> set[str | None]:
    """Return the ids of the faces that have a row."""
    return {row.get_attribute("data-face-id") for row in live.part("face-row").all()}


def switch_language(page: Page) -> None:
    """Press the button that changes the language."""
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")


def reload(page: Page) -> None:
    """Load the page again."""
    page.reload()


@pytest.mark.parametrize("replace_the_page", [reload, switch_language])
def test_the_session_goes_on_by_itself(
    visitor: Visitor, site: Site, replace_the_page: Callable[[Page], None]
) -> None:
    live, wire = running(visitor, site)
    before = face_ids(live)
    replace_the_page(live.page)
    live.wait_for_faces(2)
    first, second = wire.welcomes
    assert (second["session"], second["resumed"]) == (first["session"], True)
    assert "bye" not in wire.types_sent()
    assert len(before & face_ids(live)) >= 2  # the faces keep their numbers
    live.press("stop")
    live.wait_for_state("stopped")
    expect(live.part("history-link")).to_have_attribute("href", f"/history/{first['session']}/")


def test_it_goes_on_over_several_reloads_at_once(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    for _ in range(3):
        live.page.reload(wait_until="commit")  # the next comes before the session is back
    live.wait_for_faces(2)
    assert wire.welcomes[-1]["session"] == wire.welcomes[0]["session"]
    assert wire.welcomes[-1]["resumed"]


def test_a_paused_session_is_paused_after_a_reload(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    live.press("pause")
    live.wait_for_state("paused")
    live.page.reload()
    live.wait_for_state("paused")
    assert wire.welcomes[-1]["resumed"]
    live.press("pause")
    live.wait_for_results(1)


def test_another_tabs_choice_does_not_change_the_session(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    other = next(
        model["name"]
        for model in wire.welcomes[0]["models"]
        if model["task"] == "emotion" and model["name"] != wire.welcomes[0]["model"]
    )
    live.page.evaluate("model => localStorage.setItem('model', model)", other)
    live.page.reload()
    live.wait_for_faces(2)
    assert [welcome["session"] for welcome in wire.welcomes[1:]] == [wire.welcomes[0]["session"]]
    assert wire.welcomes[1]["model"] == wire.welcomes[0]["model"]


@pytest.fixture
def asking_browser(playwright: Playwright, chromium: str, camera_file: Path) -> Iterator[Browser]:
    """A Chromium with the camera of two faces; it opens it for those only who were given the permission."""
    asking = launch(playwright, chromium, [f"--use-file-for-fake-video-capture={camera_file}"])
    yield asking
    asking.close()


def test_where_the_browser_would_ask_for_the_camera_one_button_continues(
    asking_browser: Browser, new_visitor: Callable[..., Visitor], site: Site
) -> None:
    visitor = new_visitor(on=asking_browser, permissions=["camera"])
    live, wire = running(visitor, site)
    live.page.goto("about:blank")
    visitor.context.clear_permissions()  # while the page runs, this would end the camera and the session
    live.page.goto(site.address)
    live.wait_for_message("interrupted")
    assert live.state == "idle"
    assert live.live_tracks() == 0
    expect(live.part("start")).to_have_text("Continue session")
    live.page.reload()  # the offer outlives another reload
    live.wait_for_message("interrupted")
    visitor.context.grant_permissions(["camera"])
    live.press("start")
    live.wait_for_faces(2)
    assert wire.welcomes[-1]["session"] == wire.welcomes[0]["session"]
    assert wire.welcomes[-1]["resumed"]


def test_after_stop_there_is_nothing_to_continue(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    live.press("stop")
    live.wait_for_state("stopped")
    live.page.reload()
    expect(live.part("start")).to_have_text("Start")
    assert live.state == "idle"
    assert live.page.evaluate("() => sessionStorage.length") == 0
    assert len(wire.welcomes) == 1


def test_a_duplicated_tab_leaves_the_session_to_the_first(visitor: Visitor, site: Site) -> None:
    live, _ = running(visitor, site)
    live.page.reload()
    live.wait_for_faces(2)
    with live.page.expect_popup() as opened:
        live.page.evaluate("() => { window.open('/'); }")  # a window of one's own copies sessionStorage
    twin = LivePage(opened.value, site.address)
    twin.page.wait_for_selector("[data-live][data-agreed]", state="attached")
    expect(twin.part("start")).to_be_enabled()
    assert twin.state == "idle"
    twin.press("start")
    twin.wait_for_faces(2)
    live.page.bring_to_front()
    live.wait_for_results(3)
    assert live.state == "live"


def test_going_to_another_page_ends_the_session(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    live.page.get_by_role("link", name="History", exact=True).click()
    live.page.wait_for_url("**/history/")
    assert wire.types_sent()[-1] == "bye"
    live.page.goto(f"{site.address}/")
    expect(live.part("start")).to_have_text("Start")
    assert live.state == "idle"


def test_a_page_in_between_gives_the_session_up(visitor: Visitor, site: Site) -> None:
    live, wire = running(visitor, site)
    live.page.goto(f"{site.address}/privacy/")  # as by the address bar, which the page does not see coming
    live.page.goto(f"{site.address}/")
    expect(live.part("start")).to_have_text("Start")
    assert live.state == "idle"
    assert len(wire.welcomes) == 1


def test_withdrawn_consent_leaves_nothing_to_continue(visitor: Visitor, site: Site) -> None:
    live, _ = running(visitor, site)
    live.page.evaluate("() => localStorage.removeItem('consent')")  # in another tab
    live.page.reload()
    expect(live.part("consent-accept")).to_be_visible()
    live.press("consent-accept")
    expect(live.part("start")).to_have_text("Start")
    assert live.live_tracks() == 0

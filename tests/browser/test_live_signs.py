"""The live page with signs: the choice, the guide square, "no sign", a sign's name, and its history."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.camera import HEIGHT, WIDTH
from tests.browser.chromium import camera_arguments, launch
from tests.browser.conftest import Visitor
from tests.browser.live_page import PATIENCE_MS, LivePage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]
SIGN = "5"
FRAMES = 40


def start_with_signs(visitor: Visitor, site: Site) -> LivePage:
    """Start with faces, as a first visit does, and choose hand signs while the camera runs."""
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    live.wait_for_state("live")
    choose(live, "hand_digits")
    wait_for_task(live, "hand_signs")
    return live


def choose(live: LivePage, model: str) -> None:
    expect(live.part("model-picker")).to_be_enabled(timeout=PATIENCE_MS)
    live.part("model-picker").select_option(model)


def wait_for_task(live: LivePage, task: str) -> None:
    live.page.wait_for_selector(f"[data-live][data-task='{task}']", timeout=PATIENCE_MS)


def overlay_alpha(live: LivePage, x: float, y: float) -> int:
    """How much is drawn over a point of the picture, given in fractions of it."""
    return int(
        live.page.evaluate(
            """([x, y]) => {
                const canvas = document.querySelector('[data-overlay]');
                const at = [Math.floor(x * (canvas.width - 1)), Math.floor(y * (canvas.height - 1))];
                return canvas.getContext('2d').getImageData(...at, 1, 1).data[3];
            }""",
            [x, y],
        )
    )


def test_the_choice_is_grouped_by_what_is_recognised(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    expect(live.part("model-picker")).to_be_enabled(timeout=PATIENCE_MS)
    groups = live.part("model-picker").locator("optgroup")
    names = [str(group.get_attribute("label")) for group in groups.all()]
    assert names[0] == "Facial expressions"
    assert {"Hand signs", "Places", "Scenes"} <= set(names)


def test_signs_have_a_guide_square_a_row_and_bars(visitor: Visitor, site: Site) -> None:
    live = start_with_signs(visitor, site)
    row = live.part("face-row")
    expect(row).to_have_count(1, timeout=PATIENCE_MS)
    expect(row).to_contain_text("Sign")
    live.wait_for_results(3)
    # Beside the square the picture is dimmed, inside it is not.
    assert overlay_alpha(live, 0.03, 0.5) > 60
    assert overlay_alpha(live, 0.5, 0.6) == 0
    expect(visitor.page.locator("[data-bars] .meter")).to_have_count(10)
    # Neither means anything to a model that looks for no faces.
    expect(live.part("labelset-picker")).to_be_hidden()
    expect(live.part("quality-picker")).to_be_hidden()
    expect(live.part("task-hint")).to_be_visible()
    visitor.page.wait_for_function(
        "() => Number(document.querySelector('[data-chart]').dataset.points) > 3", timeout=PATIENCE_MS
    )


def test_an_unknown_frame_has_grey_bars_and_a_closest_match(visitor: Visitor, site: Site) -> None:
    live = LivePage(visitor.page, site.address).open().agree_and_start()
    choose(live, "scenes")
    wait_for_task(live, "scenes")
    row = live.part("face-row")
    expect(row).to_have_attribute("data-uncertain", "true", timeout=PATIENCE_MS)
    expect(row).to_contain_text("Unknown scene")
    assert "%" not in row.inner_text()
    words = re.compile(r"^Closest match: \w+, \d+% \(at least \d+% needed\)$")
    expect(live.part("closest-match")).to_have_text(words)
    expect(visitor.page.locator("[data-bars]")).to_have_attribute("data-uncertain", "true")
    choose(live, "se_resnet")
    wait_for_task(live, "emotion")
    live.wait_for_faces(2)
    expect(live.part("closest-match")).to_be_empty()
    expect(visitor.page.locator("[data-bars]")).to_have_attribute("data-uncertain", "false")


def test_faces_come_back_with_their_own_words(visitor: Visitor, site: Site) -> None:
    live = start_with_signs(visitor, site)
    expect(live.part("face-row")).to_contain_text("Sign", timeout=PATIENCE_MS)
    choose(live, "se_resnet")
    wait_for_task(live, "emotion")
    live.wait_for_faces(2)
    expect(live.part("face-row").first).to_contain_text("Face")
    expect(live.part("task-hint")).to_be_hidden()
    expect(visitor.page.locator("[data-bars] .meter")).to_have_count(7)


def test_the_choice_is_remembered(visitor: Visitor, site: Site) -> None:
    live = start_with_signs(visitor, site)
    live.wait_for_results(2)
    live.press("stop")
    live.open().agree_and_start()
    wait_for_task(live, "hand_signs")
    expect(live.part("face-row")).to_contain_text("Sign", timeout=PATIENCE_MS)


def test_a_phone_has_room_for_it(new_visitor: Callable[..., Visitor], site: Site) -> None:
    visitor = new_visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    live = start_with_signs(visitor, site)
    expect(live.part("face-row")).to_contain_text("Sign", timeout=PATIENCE_MS)
    too_wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert visitor.page.evaluate(too_wide) <= 0


@pytest.fixture(scope="module")
def signing_camera(signs: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video in which a person who is not in the training data holds up one sign, moving slightly."""
    hand = cv2.imdecode(np.frombuffer(signs[SIGN], np.uint8), cv2.IMREAD_COLOR)
    assert hand is not None
    video = tmp_path_factory.mktemp("signs") / "sign.mjpeg"
    left = (WIDTH - HEIGHT) // 2
    large = cv2.resize(hand, (HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
    still = cv2.copyMakeBorder(large, 0, 0, left, WIDTH - HEIGHT - left, cv2.BORDER_REPLICATE)
    with video.open("wb") as file:
        for index in range(FRAMES):
            shift = np.array([[1, 0, 4 * np.sin(2 * np.pi * index / FRAMES)], [0, 1, 0]], np.float32)
            frame = cv2.warpAffine(still, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
            file.write(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    return video


@pytest.fixture(scope="module")
def signing_browser(playwright: Playwright, chromium: str, signing_camera: Path) -> Iterator[Browser]:
    running = launch(playwright, chromium, camera_arguments(signing_camera))
    yield running
    running.close()


def test_a_sign_is_named_spoken_and_kept(
    new_visitor: Callable[..., Visitor], signing_browser: Browser, site: Site
) -> None:
    visitor = new_visitor(on=signing_browser)
    live = start_with_signs(visitor, site)
    row = live.part("face-row")
    expect(row).to_have_attribute("data-label", SIGN, timeout=PATIENCE_MS)
    expect(row).to_have_attribute("data-uncertain", "false", timeout=PATIENCE_MS)
    expect(row).to_contain_text(SIGN)
    expect(visitor.page.locator("[data-announcer]")).to_contain_text(f"Sign: {SIGN}", timeout=PATIENCE_MS)
    visitor.page.wait_for_timeout(3000)
    live.press("stop")
    live.wait_for_state("stopped")
    live.press("history-link")
    visitor.page.wait_for_url("**/history/*-*/")
    expect(visitor.page.get_by_role("heading", name="Sign", exact=True)).to_be_visible()
    expect(visitor.page.locator("[data-in-words]")).to_contain_text(SIGN)
    expect(visitor.page.locator(".timeline canvas").first).to_be_visible()


def test_two_people_before_the_camera_hold_up_no_sign(visitor: Visitor, site: Site) -> None:
    live = start_with_signs(visitor, site)
    row = live.part("face-row")
    expect(row).to_have_count(1, timeout=PATIENCE_MS)
    live.wait_for_results(30)
    # The model was never taught what no hand looks like: this picture is one of those it withstands.
    expect(row).to_have_attribute("data-uncertain", "true")
    expect(row).to_contain_text("No sign")

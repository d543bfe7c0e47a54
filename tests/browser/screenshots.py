"""`make screenshots`: pages as a person sees them, from a real server and a real browser.

The ten of KEPT go to docs/screenshots/; `--all FOLDER` writes every page in every look, for review.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from recognition.images.decoding import read_image_bgr
from recognition.lab.evaluation.samples import two_faces_file
from tests.browser.camera import WHOLE, write_camera
from tests.browser.chromium import ALLOW_CAMERA, camera_arguments, chromium_path, launch
from tests.browser.live_page import LivePage
from tests.browser.photo_page import PhotoPage
from tests.browser.site import PROJECT, Site, working
from tests.emoweb.videos import video_of_image

TARGET = PROJECT / "docs" / "screenshots"
# A smile is recognized with confidence, a neutral face with little: (top, bottom, left, right) in pixels.
# The astronaut's portrait is by NASA, in the public domain, as scikit-image 0.25.2 has it.
ASTRONAUT, ASTRONAUTS_FACE = Path(__file__).with_name("astronaut.jpg"), (0, 300, 45, 312)
TRAINERS_FACE = (40, 400, 840, 1160)
WEBP_QUALITY = 82
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 860}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
THEMES = ("light", "dark")
# Chromium calls a fake camera by the path of its file.
CAMERA_NAME = "Object.defineProperty(MediaDeviceInfo.prototype, 'label', {get: () => 'Integrated camera'});"
LONG_SESSION_S = 45
SHORT_SESSION_S = 8
VIDEO_S = 12
VIDEO_PATIENCE_MS = 120_000
SEEK = "video => new Promise(done => { video.onseeked = done; video.currentTime = 4; })"
OF_A_NEW_VISITOR = {
    "history-empty": "/history/",
    "models": "/models/",
    "privacy": "/privacy/",
    "videos-empty": "/video/",
    "api": "/api/",
    "keys": "/account/keys/",
}


@dataclass(frozen=True)
class Look:
    """The screen, theme and language of a screenshot."""

    screen: str
    theme: str
    language: str = "en"

    @property
    def options(self) -> dict[str, Any]:
        """The options of a browser context."""
        locale = {"en": "en-GB", "vi": "vi-VN"}[self.language]
        return {**SCREENS[self.screen], "color_scheme": self.theme, "locale": locale}

    def name(self, page: str) -> str:
        """The file name of the page called `page`, without its suffix."""
        ending = "" if self.language == "en" else f"-{self.language}"
        return f"{page}-{self.screen}-{self.theme}{ending}"


SHOWN_FIRST = Look("desktop", "light")  # the README's
KEPT = frozenset(
    """
    live-desktop-light live-phone-dark consent-phone-light signs-desktop-dark photo-desktop-light
    video-desktop-dark history-desktop-light-vi session-desktop-light session-phone-dark-vi
    models-desktop-light
    """.split()
)


@dataclass(frozen=True)
class Album:
    """Where screenshots go: those of KEPT into `target`, all into `everything` where it is given."""

    target: Path
    everything: Path | None

    def shoot(self, page: Page, look: Look, name: str, full_page: bool = True) -> None:
        """Save a picture of the page, where one is wanted."""
        name = look.name(name)
        if name not in KEPT and self.everything is None:
            return
        page.wait_for_timeout(400)
        with Image.open(io.BytesIO(page.screenshot(full_page=full_page, animations="disabled"))) as picture:
            if name in KEPT:
                picture.convert("RGB").save(self.target / f"{name}.webp", quality=WEBP_QUALITY, method=6)
            if self.everything is not None:
                picture.save(self.everything / f"{name}.png")
        print(name, flush=True)


@contextmanager
def visiting(browser: Browser, look: Look, cookies: Any = ()) -> Iterator[Page]:
    """A page of a new visitor, or of the one who holds `cookies`."""
    context = browser.new_context(**look.options)
    context.add_cookies(list(cookies))
    context.add_init_script(CAMERA_NAME)
    yield context.new_page()
    context.close()


def run_session(page: Page, address: str, seconds: float) -> LivePage:
    """Run a live session to its end."""
    live = LivePage(page, address).open().agree_and_start()
    live.wait_for_faces(2)
    page.wait_for_timeout(seconds * 1000)
    return live


def shoot_live(album: Album, browser: Browser, address: str, look: Look) -> None:
    """The live page: consent, running, stopped."""
    with visiting(browser, look) as page:
        LivePage(page, address).open()
        album.shoot(page, look, "consent", full_page=False)
        live = run_session(page, address, LONG_SESSION_S if look == SHOWN_FIRST else SHORT_SESSION_S)
        album.shoot(page, look, "live")
        live.press("stop")
        live.wait_for_state("stopped")
        album.shoot(page, look, "stopped", full_page=False)


def shoot_signs(album: Album, browser: Browser, address: str, look: Look) -> None:
    """The live page with hand signs: the guide square, and what it says of a picture without a sign."""
    with visiting(browser, look) as page:
        live = run_session(page, address, 0)
        live.part("model-picker").select_option("hand_digits")
        page.wait_for_selector("[data-live][data-task='hand_signs']")
        live.wait_for_results(20)
        album.shoot(page, look, "signs")
        live.press("stop")
        live.wait_for_state("stopped")


def shoot_pages(album: Album, browser: Browser, address: str, look: Look, cookies: Any) -> None:
    """The pages around it, of a visitor who has a history and of one who has none."""
    with visiting(browser, look, cookies) as page:
        page.goto(f"{address}/history/")
        album.shoot(page, look, "history")
        page.locator(".session-row__link").last.click()
        page.wait_for_selector(".timeline canvas")
        album.shoot(page, look, "session")
        page.goto(f"{page.url}delete/")
        album.shoot(page, look, "delete", full_page=False)
        page.goto(f"{address}/history/")
        for box in page.locator("input[name=pick]").all()[:2]:
            box.check()
        page.locator("#compare button").click()
        page.wait_for_selector(".timeline canvas")
        album.shoot(page, look, "compare")
    with visiting(browser, look) as page:
        for name, path in OF_A_NEW_VISITOR.items():
            page.goto(address + path)
            album.shoot(page, look, name)


def shoot_photo(album: Album, browser: Browser, address: str, look: Look, picture: Path) -> None:
    """The pictures' page: empty, and with an answer."""
    with visiting(browser, look) as page:
        photo = PhotoPage(page, address).open()
        album.shoot(page, look, "photo-empty", full_page=False)
        photo.give([picture])
        album.shoot(page, look, "photo")


def shoot_video(album: Album, browser: Browser, address: str, look: Look, video: str, cookies: Any) -> None:
    """The videos page, and the page of an analyzed video."""
    with visiting(browser, look, cookies) as page:
        page.goto(f"{address}/video/")
        album.shoot(page, look, "videos")
        page.goto(video)
        page.get_by_test_id("video-player").evaluate(SEEK)
        album.shoot(page, look, "video")


def upload_video(browser: Browser, address: str, file: Path, cookies: Any) -> str:
    """Upload a video and return the address of its page once it is analyzed."""
    with visiting(browser, SHOWN_FIRST, cookies) as page:
        page.goto(f"{address}/video/")
        page.get_by_test_id("video-file").set_input_files(file)
        page.get_by_test_id("video-send").click()
        page.wait_for_url("**/video/*-*/", timeout=VIDEO_PATIENCE_MS)
        page.get_by_test_id("video-player").wait_for(timeout=VIDEO_PATIENCE_MS)
        return page.url


def shoot_trouble(album: Album, browser: Browser, address: str, look: Look) -> None:
    """The live page without a camera."""
    with visiting(browser, look) as page:
        LivePage(page, address).open().agree_and_start().wait_for_message("camera-none")
        album.shoot(page, look, "no-camera", full_page=False)


def write_two_people(target: Path) -> Path:
    """Write a picture of two faces side by side, as a call of two shows them; returns `target`."""
    halves = []
    for file, (top, bottom, left, right) in ((ASTRONAUT, ASTRONAUTS_FACE), (two_faces_file(), TRAINERS_FACE)):
        part = read_image_bgr(file)[top:bottom, left:right]
        halves.append(cv2.resize(part, (640, 720), interpolation=cv2.INTER_CUBIC))
    assert cv2.imwrite(str(target), np.hstack(halves))
    return target


def record_history(browser: Browser, address: str) -> Any:
    """Record a few sessions; returns the cookies of who recorded them."""
    with visiting(browser, SHOWN_FIRST) as page:
        for seconds in (LONG_SESSION_S, SHORT_SESSION_S, SHORT_SESSION_S):
            live = run_session(page, address, seconds)
            live.press("stop")
            live.wait_for_state("stopped")
        return page.context.cookies()


def _album() -> Album:
    parser = argparse.ArgumentParser(description="Update docs/screenshots/.")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also write every page in every look here")
    everything = parser.parse_args().all
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    if everything is not None:
        everything.mkdir(parents=True, exist_ok=True)
    return Album(TARGET, everything)


def main() -> None:
    """Take the screenshots, in place of the old ones."""
    chromium = chromium_path()
    if chromium is None:
        sys.exit("No Chromium is here: install one (Debian: apt-get install chromium).")
    album = _album()
    looks = [Look(screen, theme) for screen, theme in product(SCREENS, THEMES)]
    vietnamese = [Look("desktop", "light", "vi"), Look("phone", "dark", "vi")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        picture = write_two_people(Path(folder) / "two people.jpg")
        camera = write_camera(picture, Path(folder) / "two_people.mjpeg", lively=True, part=WHOLE)
        site = Site(Path(folder))
        site.start()
        browser = launch(playwright, chromium, camera_arguments(camera))
        cookies = record_history(browser, site.address)
        with working(site):
            clip = video_of_image(Path(folder) / "two people.mp4", picture, VIDEO_S)
            video = upload_video(browser, site.address, clip, cookies)
        for look in looks + vietnamese:
            shoot_live(album, browser, site.address, look)
            shoot_signs(album, browser, site.address, look)
            shoot_pages(album, browser, site.address, look, cookies)
            shoot_photo(album, browser, site.address, look, picture)
            shoot_video(album, browser, site.address, look, video, cookies)
        browser.close()
        bare = launch(
            playwright, chromium, [ALLOW_CAMERA, "--use-fake-device-for-media-stream=device-count=0"]
        )
        for look in looks:
            shoot_trouble(album, bare, site.address, look)
        bare.close()
        site.stop()


if __name__ == "__main__":
    main()

"""A real site, a real Chromium, and a page that remembers everything it complained about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.camera import write_camera
from tests.browser.chromium import camera_arguments, chromium_path, launch
from tests.browser.contexts import Contexts
from tests.browser.recording import Recording, record
from tests.browser.site import Site, running_site

WATCH_POLICY = """
window.policyViolations = [];
document.addEventListener('securitypolicyviolation', (event) => {
    window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ''}`);
});
"""
# Five seconds by default: a busy machine may take longer, and whoever waits for an event loses nothing.
expect.set_options(timeout=30_000)
# Playwright asks for it on every page, and this site has an icon of its own.
HARMLESS = ("favicon.ico",)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> str:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: `make test` brings one, or name it in CHROMIUM")
    return path


@pytest.fixture(scope="session")
def camera_file(zidane_jpg: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_camera(zidane_jpg, tmp_path_factory.mktemp("camera") / "two_faces.mjpeg")


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str, camera_file: Path) -> Iterator[Browser]:
    """A Chromium whose camera shows two faces and is allowed."""
    running = launch(playwright, chromium, camera_arguments(camera_file))
    yield running
    running.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site most tests share; each visitor has a context, so a history, of their own."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A site that the test may kill."""
    with running_site(tmp_path) as running:
        yield running


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(eq=False)
class Visitor:
    """A browser context with one page, and all that went wrong in it."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    origins: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, context: BrowserContext) -> Visitor:
        """Return a visitor with a new page."""
        page = context.new_page()
        visitor = cls(context, page)
        page.on("pageerror", lambda error: visitor.complaints.append(f"exception: {error}"))
        page.on("console", visitor.hear)
        page.on("framenavigated", lambda frame: visitor.origins.add(origin_of(frame.url)))
        return visitor

    def expect_complaints(self, *parts: str) -> None:
        """Allow complaints that contain one of these."""
        self.expected += parts

    def hear(self, message: ConsoleMessage) -> None:
        """Remember an error on the console."""
        if message.type == "error":
            self.complaints.append(f"console: {message.text} {message.location.get('url', '')}")

    def unexpected(self) -> list[str]:
        """Return the console's errors, scripts' exceptions and policy violations."""
        violations = (
            [] if self.page.is_closed() else self.page.evaluate("() => window.policyViolations ?? []")
        )
        allowed = (*HARMLESS, *self.expected)
        return [
            complaint
            for complaint in [*self.complaints, *violations]
            if not any(part in complaint for part in allowed)
        ]


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    """The contexts of the browser that most tests share."""
    return Contexts(browser)


@pytest.fixture
def new_visitor(contexts: Contexts) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors without cookies; at the end none of them may have complained.

    `scripts` run before those of each page. A visitor `on` another browser has a new context.
    """
    visitors: list[Visitor] = []
    lent: list[Visitor] = []

    def make(on: Browser | None = None, scripts: Sequence[str] = (), **options: Any) -> Visitor:
        lender = Contexts(on) if on else contexts
        visitors.append(Visitor.of(lender.lend((WATCH_POLICY, *scripts), options)))
        if lender is contexts:
            lent.append(visitors[-1])
        return visitors[-1]

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.unexpected()]
    for visitor in visitors:
        if visitor in lent:
            contexts.take_back(visitor.context, visitor.origins)
        else:
            visitor.context.close()
    assert complaints == []


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """One visitor with the usual screen."""
    return new_visitor()


@pytest.fixture(scope="session")
def recording(contexts: Contexts, site: Site) -> Recording:
    """A session of two faces: recorded once, and copied for each visitor who needs one."""
    visitor = Visitor.of(contexts.lend((WATCH_POLICY,), {}))
    recording = record(visitor.page, site)
    assert visitor.unexpected() == []
    contexts.take_back(visitor.context, visitor.origins)
    return recording


@pytest.fixture
def recorded(visitor: Visitor, recording: Recording) -> Page:
    """A visitor on the page of a session of theirs."""
    return recording.open_copy(visitor.page)


@pytest.fixture(scope="session")
def axe(project: Path) -> str:
    """The source of axe-core: evaluated, since the policy blocks an added script."""
    source = project / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip("axe-core is not installed: npm ci")
    return source.read_text("utf-8")

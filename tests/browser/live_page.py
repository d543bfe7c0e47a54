"""The live page as a person uses it: what they press, and what they see."""

from __future__ import annotations

from playwright.sync_api import Error, Locator, Page, expect

PATIENCE_MS = 60_000  # a machine may be busy with other things


class LivePage:
    """The page at `/`, by its test hooks."""

    def __init__(self, page: Page, address: str) -> None:
        """Take a fresh page of the browser and the site's address."""
        self.page = page
        self.address = address

    def open(self) -> LivePage:
        """Load the page and wait until its script has taken over."""
        self.page.goto(f"{self.address}/")
        # The script enables what it listens to.
        self.page.wait_for_selector(
            "[data-testid=consent-accept]:enabled, [data-live][data-agreed]", state="attached"
        )
        return self

    def press(self, name: str) -> None:
        """Press the button of this test id."""
        self.page.get_by_test_id(name).click()

    def agree_and_start(self) -> LivePage:
        """Accept the consent card where it stands, and press Start."""
        if self.part("consent-accept").is_visible():
            self.press("consent-accept")
        self.press("start")
        return self

    def part(self, name: str) -> Locator:
        """Return the part of this test id."""
        return self.page.get_by_test_id(name)

    @property
    def state(self) -> str:
        """The state that the page says it is in."""
        return self._data("state")

    @property
    def results(self) -> int:
        """How many results the page has shown."""
        return int(self._data("results") or 0)

    def wait_for_state(self, state: str, patience_ms: float = PATIENCE_MS) -> None:
        """Wait until the page is in this state; says in which it is otherwise."""
        try:
            self.page.wait_for_selector(f"[data-live][data-state='{state}']", timeout=patience_ms)
        except Error as error:
            raise AssertionError(f"not {state}, but {self.state} ({self._data('message')})") from error

    def wait_for_message(self, message: str, patience_ms: float = PATIENCE_MS) -> None:
        """Wait until the page shows the message of this name."""
        self.page.wait_for_selector(f"[data-live][data-message='{message}']", timeout=patience_ms)

    def wait_for_faces(self, count: int) -> None:
        """Wait until this many faces, or more, have their row."""
        expect(self.part("face-row").nth(count - 1)).to_be_visible(timeout=PATIENCE_MS)

    def wait_for_results(self, more: int) -> None:
        """Wait for this many further results."""
        target = self.results + more
        self.page.wait_for_function(
            "target => Number(document.querySelector('[data-live]').dataset.results) >= target",
            arg=target,
            timeout=PATIENCE_MS,
        )

    def live_tracks(self) -> int:
        """Return how many camera tracks are running on the page."""
        return int(
            self.page.evaluate(
                """() => [...document.querySelectorAll('video')]
                    .flatMap((video) => video.srcObject?.getTracks() ?? [])
                    .filter((track) => track.readyState === 'live').length"""
            )
        )

    def _data(self, name: str) -> str:
        return str(self.page.locator("[data-live]").get_attribute(f"data-{name}") or "")

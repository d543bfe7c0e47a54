"""The image page as a visitor uses it: uploads images, reads results, downloads files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 60_000  # a machine may be busy with other things
EACH_MORE_MS = 10_000


class PhotoPage:
    """A page at /photo/."""

    def __init__(self, page: Page, address: str) -> None:
        """Take a browser's page and the site's address."""
        self.page = page
        self._address = address

    def open(self) -> PhotoPage:
        """Load the page and wait until its scripts listen."""
        self.page.goto(f"{self._address}/photo/")
        self.page.wait_for_selector("[data-testid=photo-choose]:enabled")
        return self

    def part(self, name: str) -> Locator:
        """Return the part of this test id."""
        return self.page.get_by_test_id(name)

    def recognise(self, model: str) -> PhotoPage:
        """Choose what to recognise."""
        self.part("photo-model").select_option(model)
        return self

    def serves(self, model: str) -> bool:
        """Whether the site offers a model."""
        return self.part("photo-model").locator(f"option[value={model}]").count() == 1

    def give(self, files: Sequence[Path]) -> PhotoPage:
        """Choose files and wait until each has its answer."""
        before = self.part("photo-picture").count()
        self.part("photo-files").set_input_files(list(files))
        expect(self.part("photo-picture")).to_have_count(before + len(files))
        return self.wait_until_ready(images=len(files))

    def wait_until_ready(self, images: int = 1) -> PhotoPage:
        """Wait until no image waits for its answer, the longer the more there are."""
        patience_ms = PATIENCE_MS + (images - 1) * EACH_MORE_MS
        self.page.wait_for_selector("[data-photo][data-state=ready]", timeout=patience_ms)
        return self

    def state_of(self, name: str) -> str:
        """Return the state of the image of this name."""
        row = self.part("photo-picture").filter(has_text=name)
        return str(row.get_attribute("data-state"))

    def choose(self, name: str) -> None:
        """Show the image of this name."""
        self.part("photo-picture").filter(has_text=name).locator(".picture__choose").click()

    def download(self, name: str) -> Path:
        """Press a download's button and return the file."""
        with self.page.expect_download() as download:
            self.part(name).click()
        return Path(download.value.path())

    def answers(self) -> list[dict[str, Any]]:
        """Return what the download of all answers holds."""
        return list(json.loads(self.download("download-all-json").read_text("utf-8")))

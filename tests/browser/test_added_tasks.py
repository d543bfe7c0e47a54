"""The live page and the image page with tasks that an installed package adds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.added_tasks import site_with_added_tasks
from tests.browser.conftest import Visitor
from tests.browser.live_page import PATIENCE_MS, LivePage
from tests.browser.photo_page import PhotoPage
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server beside which the package is installed."""
    with site_with_added_tasks(tmp_path_factory.mktemp("added")) as running:
        yield running


def use(live: LivePage, model: str, task: str) -> None:
    live.part("model-picker").select_option(model)
    live.page.wait_for_selector(f"[data-live][data-task='{task}']", timeout=PATIENCE_MS)


def test_the_live_page_words_each_task_by_its_entry(visitor: Visitor, added: Site) -> None:
    live = LivePage(visitor.page, added.address).open().agree_and_start()
    live.wait_for_state("live")
    expect(live.part("model-picker")).to_be_enabled(timeout=PATIENCE_MS)
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Live expression recognition", use_inner_text=True)

    use(live, "toy_finder", "toys")
    expect(live.part("task-hint").filter(has_text="Hold up a toy.")).to_be_visible()
    expect(live.part("face-row")).to_have_count(1, timeout=PATIENCE_MS)
    expect(live.part("face-row")).to_contain_text("Image")
    expect(visitor.page.locator("[data-bars] .meter")).to_have_count(3)
    expect(heading).to_have_text("Live recognition", use_inner_text=True)
    expect(live.part("labelset-picker")).to_be_hidden()

    use(live, "mood_finder", "moods")
    expect(live.part("face-row").first).to_contain_text("Face", timeout=PATIENCE_MS)
    expect(visitor.page.get_by_role("combobox", name="Labels", exact=True)).to_have_text("Two moods")
    expect(visitor.page.locator("[data-bars] .meter")).to_have_count(2)
    expect(live.part("task-hint").filter(has_text="Hold up a toy.")).to_be_hidden()


def test_the_image_page_shows_their_answers(visitor: Visitor, added: Site, zidane_jpg: Path) -> None:
    photo = PhotoPage(visitor.page, added.address).open().recognise("toy_finder")
    expect(photo.part("photo-label-set")).to_be_hidden()
    expect(photo.part("photo-detail")).to_be_hidden()
    photo.give([zidane_jpg])
    expect(visitor.page.locator("[data-bars] .meter")).to_have_count(3)
    (answer,) = photo.answers()
    words = {"robot": "Robot", "street": "Street", "teddy_bear": "teddy bear"}
    named = "No toy" if answer["picture"]["uncertain"] else words[answer["picture"]["label"]]
    expect(photo.part("photo-answer")).to_contain_text(named)

    photo.recognise("mood_finder")
    expect(visitor.page.get_by_role("combobox", name="Labels", exact=True)).to_have_text("Two moods")
    expect(photo.part("photo-detail")).to_be_visible()

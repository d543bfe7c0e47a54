"""The labels that charts draw on their canvases can be read, in both themes and after a change of theme."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.live_page import LivePage
from tests.browser.recording import Recording
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.process]
READABLE = 4.5  # WCAG 1.4.3 for text of this size

REMEMBER_LABELS = """
const labels = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    labels.push({text, colour: this.fillStyle, canvas: this.canvas});
    return fillText.call(this, text, ...place);
};
function behind(element) {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : colour;
}
window.chartLabels = () => labels
    .filter(({canvas}) => canvas.isConnected && canvas.closest('.uplot'))
    .map(({text, colour, canvas}) => [text, colour, behind(canvas)]);
"""
# Half covered pixels make thin glyphs paler than their ink: all pixels that the left axes' labels cover.
PIXELS_OF_LABELS = """() => [...document.querySelectorAll('.uplot')].map((chart) => {
    const canvas = chart.querySelector('canvas');
    const width = Math.floor(chart.querySelector('.u-over').offsetLeft * devicePixelRatio) - 2;
    const {data} = canvas.getContext('2d').getImageData(0, 0, width, canvas.height);
    const pixels = [];
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 12) pixels.push([...data.slice(at, at + 4)]);
    }
    return pixels;
})"""


def luminance(rgb: tuple[float, float, float]) -> float:
    """Return the relative luminance of WCAG 2 for a colour of three parts up to 255."""
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the contrast ratio of two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def rgb_of(colour: str) -> tuple[float, float, float]:
    """Return the parts of a colour as browsers write it: #rrggbb or rgb(r, g, b)."""
    if colour.startswith("#"):
        return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (red, green, blue)


def assert_labels_are_readable(page: Page, charts: int) -> None:
    """Check the colour of every label on every chart, and the pixels of the left axes."""
    page.wait_for_function(
        "charts => document.querySelectorAll('.uplot canvas').length >= charts", arg=charts
    )
    page.wait_for_function("() => window.chartLabels().length > 8")
    labels = page.evaluate("() => window.chartLabels()")
    assert {text for text, _, _ in labels} >= {"0%", "50%", "100%"}
    pale = [label for label in labels if contrast(rgb_of(label[1]), rgb_of(label[2])) < READABLE]
    assert pale == []
    surface = rgb_of(labels[0][2])
    for pixels in page.evaluate(PIXELS_OF_LABELS):
        ratios = [contrast(blended(pixel, surface), surface) for pixel in pixels]
        assert sum(ratios) / len(ratios) >= READABLE


def blended(rgba: list[int], surface: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return a half transparent pixel's colour above a surface."""
    covers = rgba[3] / 255
    red, green, blue = (
        part * covers + under * (1 - covers) for part, under in zip(rgba[:3], surface, strict=True)
    )
    return (red, green, blue)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_labels_of_the_live_chart_are_readable(
    new_visitor: Callable[..., Visitor], site: Site, theme: str
) -> None:
    visitor = new_visitor(color_scheme=theme, scripts=[REMEMBER_LABELS])
    live = LivePage(visitor.page, site.address).open()
    assert_labels_are_readable(live.page, charts=1)
    live.page.locator("[data-theme-toggle]").click()
    assert_labels_are_readable(live.page, charts=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_labels_of_the_historys_charts_are_readable(
    new_visitor: Callable[..., Visitor], site: Site, recording: Recording, theme: str
) -> None:
    visitor = new_visitor(color_scheme=theme, scripts=[REMEMBER_LABELS])
    page = recording.open_copy(visitor.page)
    session = page.url.rstrip("/").rsplit("/", 1)[1]
    page.locator("#new-marker-note").fill("smiles")
    page.get_by_role("button", name="Add marker").click()
    page.wait_for_function("() => window.chartLabels().some(([text]) => text === '1')")  # the marker's number
    assert_labels_are_readable(page, charts=4)
    page.locator("[data-theme-toggle]").click()
    assert_labels_are_readable(page, charts=4)
    page.goto(f"{site.address}/history/compare/?a={session}&b={session}")
    assert_labels_are_readable(page, charts=4)

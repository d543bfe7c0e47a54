"""What is looked at on every page: its width, and what axe-core says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules that depend on colors, and so on the theme.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
NARROWEST = {"viewport": {"width": 320, "height": 640}}


def sideways_scroll(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))


def violations(page: Page, axe: str, rules: Sequence[str] = ()) -> list[str]:
    """Return what axe-core, given as its source, finds wrong, by all rules or by these."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(
        "async (runOnly) => await axe.run(document, {resultTypes: ['violations'], runOnly})",
        list(rules) or STANDARDS,
    )
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]

"""All motion is the style sheets', so that the one rule of base.css for less motion stops it."""

import re
from pathlib import Path

import pytest

BY_SCRIPT = re.compile(r"\.animate\(|behavior:\s*[\"']smooth|startViewTransition")
BY_MARKUP = re.compile(r"<animate|<marquee|<set\b", re.IGNORECASE)
IMPORTANT = re.compile(r"(?:animation|transition|scroll-behavior)[\w-]*:[^;]*!important")


@pytest.mark.parametrize(
    ("folder", "pattern", "motion"),
    [
        ("static/js", "*.js", BY_SCRIPT),
        ("static/img", "*.svg", BY_MARKUP),
        ("templates", "*.html", BY_MARKUP),
        ("static/css/components", "*.css", IMPORTANT),
    ],
)
def test_nothing_moves_past_the_rule(
    project: Path, folder: str, pattern: str, motion: re.Pattern[str]
) -> None:
    files = sorted((project / folder).rglob(pattern))
    assert files
    assert [str(file) for file in files if motion.search(file.read_text("utf-8"))] == []


def test_the_rule_stops_every_element(project: Path) -> None:
    base = (project / "static/css/base.css").read_text("utf-8")
    rule = base[base.index("@media (prefers-reduced-motion: reduce)") :]
    assert all(selector in rule for selector in ("*,", "*::before,", "*::after"))
    for declaration in ("animation: none !important", "transition: none !important"):
        assert declaration in rule

"""Pages keep the content security policy: no inline handler, script or style."""

import re
from pathlib import Path

import pytest

INLINE = {
    "an inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an inline style attribute": re.compile(r"<[^>]*\sstyle\s*=\s*[\"']", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a javascript: address": re.compile(r"=\s*[\"']javascript:", re.IGNORECASE),
    "an inline script": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)", re.IGNORECASE
    ),
}


def _without_comments(html: str) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("what", sorted(INLINE))
def test_no_template_has(project: Path, what: str) -> None:
    guilty = [
        str(path.relative_to(project))
        for path in sorted((project / "templates").rglob("*.html"))
        if INLINE[what].search(_without_comments(path.read_text("utf-8")))
    ]
    assert guilty == []


def test_there_are_templates_to_look_at(project: Path) -> None:
    assert (project / "templates" / "base.html").is_file()

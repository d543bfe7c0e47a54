"""The README's figures are the cards' figures, and its pictures are there."""

import re
from pathlib import Path

import pytest

from recognition import load_cards
from tools import model_tables

ROW = re.compile(
    r"^\| `(?P<model>\w+)` \| (?P<data>[^|]+) \| (?P<what>[^|]+) \| (?P<n>[\d,]+) "
    r"\| (?P<value>[\d.]+) \| (?P<low>[\d.]+) to (?P<high>[\d.]+) \|$",
    re.MULTILINE,
)


def test_every_figure_stands_on_a_card(project: Path) -> None:
    cards = load_cards(project / "weights")
    measured = {
        (
            card.name,
            f"{evaluation.data} {evaluation.split}",
            f"{evaluation.metric}, {evaluation.views}",
            f"{evaluation.n:,}",
            f"{evaluation.value:.3f}",
            f"{evaluation.ci95[0]:.3f}",
            f"{evaluation.ci95[1]:.3f}",
        )
        for card in cards.values()
        for evaluation in card.evaluations
    }
    rows = [match.groups() for match in ROW.finditer((project / "README.md").read_text("utf-8"))]

    assert 0 < len(rows) <= 6
    assert [row for row in rows if row not in measured] == []


def test_it_has_at_most_800_words(project: Path) -> None:
    assert len((project / "README.md").read_text("utf-8").split()) <= 800


def test_the_models_page_is_generated_from_the_cards(project: Path) -> None:
    assert (project / "docs" / "models.md").read_text("utf-8") == model_tables.page()


@pytest.mark.parametrize("folder", ["docs", "docs/experiments", "docs/decisions", "docs/benchmarks", "."])
def test_every_link_of_a_document_leads_to_a_file(project: Path, folder: str) -> None:
    broken = [
        f"{page.relative_to(project)}: {link}"
        for page in sorted((project / folder).glob("*.md"))
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_every_picture_and_page_it_links_to_is_there(project: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (project / "README.md").read_text("utf-8"))

    assert [link for link in links if not (project / link).exists()] == []
    assert any(link.endswith((".png", ".webp")) for link in links)

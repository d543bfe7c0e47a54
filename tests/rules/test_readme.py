"""The README's figures are the cards' figures, and its pictures are there."""

import re
from pathlib import Path

from recognition import load_cards

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

    assert {row[0] for row in rows} == set(cards)
    assert [row for row in rows if row not in measured] == []


def test_every_picture_and_page_it_links_to_is_there(project: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (project / "README.md").read_text("utf-8"))

    assert [link for link in links if not (project / link).exists()] == []
    assert any(link.endswith(".png") for link in links)

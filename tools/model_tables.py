"""Writes docs/models.md from the cards in weights/; a test compares the two."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from recognition import TASKS, Card, Task, load_cards  # noqa: E402 (the project is not installed)

TARGET = PROJECT / "docs" / "models.md"
INTRODUCTION = Path(__file__).with_name("model_tables_intro.md")


def page() -> str:
    """Return the page: a section for each task, a table for each of its models."""
    cards = sorted(load_cards(PROJECT / "weights").values(), key=lambda card: card.name)
    sections = [INTRODUCTION.read_text("utf-8")]
    for task in TASKS.values():
        sections.append(f"## {task.title}{_conditions(task)}\n")
        sections += [_section(card) for card in cards if card.task == task.name]
    return "\n".join(sections)


def _conditions(task: Task) -> str:
    conditions = [
        *(["images only"] if not task.live else []),
        *(["off by default"] if task.permission else []),
    ]
    return f" ({', '.join(conditions)})" if conditions else ""


def _section(card: Card) -> str:
    rows = [
        f"| {one.data} {one.split} | {one.metric} | {one.views} | {one.n:,} "
        f"| {one.value:.3f} | {one.ci95[0]:.3f} to {one.ci95[1]:.3f} |"
        for one in card.evaluations
    ]
    limits = [f"- {limit}" for limit in card.limits]
    return "\n".join(
        [
            f"### {card.title} (`{card.name}`)\n",
            f"{card.parameters / 1e6:.2f} million parameters ([card](../weights/{card.name}.json)).\n",
            f"Terms: {card.licence}\n",
            "| data | metric | augmentation | n | value | 95 % interval |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "Limits:\n",
            *limits,
            "",
        ]
    )


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")

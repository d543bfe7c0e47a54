"""The library's model cards, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from recognition import TASKS, Card, by_merit, load_cards

MAIN_FIGURES = 4
# Written as in their papers. One without a name here is shown as the card has it.
ARCHITECTURE_NAMES = {
    "cbam_resnet": "CBAM-ResNet",
    "efficientnet_lite0": "EfficientNet-Lite0",
    "se_resnet": "SE-ResNet",
    "yolov8n": "YOLOv8n",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value: the metric, its data, and the 95 % confidence interval, all 0..1."""

    metric: str
    value: float
    low: float
    high: float
    n: int
    data: str
    split: str
    views: str

    @property
    def value_end(self) -> str:
        """The end of the bar on a scale of 100, formatted for SVG."""
        return f"{100 * self.value:.2f}"

    @property
    def low_end(self) -> str:
        """The start of the interval on a scale of 100."""
        return f"{100 * self.low:.2f}"

    @property
    def interval_width(self) -> str:
        """How wide the interval is on a scale of 100."""
        return f"{100 * (self.high - self.low):.2f}"


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card, its task's name, and its metrics."""

    card: Card
    task: str
    figures: tuple[Figure, ...]

    @property
    def main_figures(self) -> tuple[Figure, ...]:
        """The first value of each metric, for most readers; the table lists the others."""
        first_of: dict[str, Figure] = {}
        for figure in self.figures:
            first_of.setdefault(figure.metric, figure)
        return tuple(first_of.values())[:MAIN_FIGURES]

    @property
    def has_label_sets(self) -> bool:
        """Whether visitors choose among sets of its labels."""
        return bool(self.card.task_definition.label_sets)

    @property
    def architecture(self) -> str:
        """The network's usual spelling."""
        return ARCHITECTURE_NAMES.get(self.card.architecture, self.card.architecture)

    @property
    def input_size(self) -> str:
        """The input size as text: width x height and color mode."""
        size = self.card.input
        colours = _("grayscale") if size.channels == 1 else _("color")
        return f"{size.width} × {size.height}, {colours}"

    @property
    def minutes(self) -> int:
        """The training time in minutes; 0 if it was not recorded."""
        return round(self.card.training.seconds / 60)


def shown_cards(folder: Path) -> list[ShownCard]:
    """Return the cards of a weights folder in the page's order; raise WeightsError where one is wrong."""
    cards = load_cards(folder).values()
    return [_shown(card) for card in _in_order(cards)]


def metric_names() -> dict[str, str]:
    """The name of each metric of the cards; a metric without one is shown by its identifier."""
    return {
        "accuracy": _("Accuracy"),
        "accuracy fer7": _("Accuracy, 7 expressions"),
        "accuracy fer5": _("Accuracy, 5 expressions"),
        "accuracy ferplus8": _("Accuracy, 8 expressions"),
        "AP50": _("Average precision"),
        "AP50 small faces": _("Average precision, small faces"),
        "AP50 medium faces": _("Average precision, medium faces"),
        "AP50 large faces": _("Average precision, large faces"),
        "AP50 faces over 48 px": _("Average precision, faces over 48 px"),
        "AP50 without wider_val": _("Average precision, without WIDER FACE images"),
        "AP50 webcam subsets": _("Average precision, webcam images"),
    }


def views_names() -> dict[str, str]:
    """The name of each test-time augmentation; a size in pixels is shown as it is."""
    return {
        "1": _("no test-time augmentation"),
        "flip": _("test-time augmentation: flip"),
        "ten": _("test-time augmentation: ten-crop"),
    }


def _in_order(cards: Iterable[Card]) -> list[Card]:
    order = list(TASKS)
    return sorted(cards, key=lambda card: (order.index(card.task), *by_merit(card)))


def _shown(card: Card) -> ShownCard:
    figures = tuple(
        Figure(
            metric=metric_names().get(evaluation.metric, evaluation.metric),
            value=evaluation.value,
            low=evaluation.ci95[0],
            high=evaluation.ci95[1],
            n=evaluation.n,
            data=evaluation.data,
            split=evaluation.split,
            views=views_names().get(evaluation.views, evaluation.views),
        )
        for evaluation in card.evaluations
    )
    return ShownCard(card, _(card.task_definition.title), figures)

"""The models of a weights folder that are served, and their preparation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recognition.classification.export import find_export, make_export
from recognition.detection import prepare_detector
from recognition.detection.export import read_export
from recognition.errors import CardMissing, ExportMissing, ModelUnknown
from recognition.models.cards import FACE_TASKS, IMAGE_TASKS, Card, cards_for, load_cards, verified_weights

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServedModels:
    """One folder's detector, emotion models (the site's default first) and models of other tasks."""

    folder: Path
    detector: Card
    emotions: tuple[Card, ...]
    others: tuple[Card, ...] = ()

    @classmethod
    def read(cls, folder: Path, *, perceived_gender: bool = False) -> "ServedModels":
        """Read the cards and check every weights file against its hash; raise WeightsError subclasses.

        What a stranger would guess of a face's gender is served only where the operator says so.
        """
        cards = load_cards(folder)
        detectors, emotions = cards_for(cards, "face_detector"), cards_for(cards, "emotion")
        for task, found in (("face_detector", detectors), ("emotion", emotions)):
            if not found:
                raise CardMissing(
                    f"{folder} has no card with the task {task}; download the weights folder again."
                )
        tasks = [*IMAGE_TASKS, *(task for task in FACE_TASKS if task != "emotion" and perceived_gender)]
        others = tuple(card for task in tasks for card in cards_for(cards, task))
        for card in (*detectors[:1], *emotions, *others):
            verified_weights(card, folder)
        return cls(folder, detectors[0], tuple(sorted(emotions, key=by_merit)), others)

    @property
    def default(self) -> Card:
        """The emotion model that answers when none is named."""
        return self.emotions[0]

    @property
    def catalogue(self) -> tuple[Card, ...]:
        """Every model that answers, the default first."""
        return (*self.emotions, *self.others)

    def named(self, name: str | None) -> Card:
        """Give a model by name, the default for None; raise ModelUnknown."""
        return find_model(self.catalogue, name)

    def prepare(self, device: str, cache_folder: Path, progress: Progress) -> None:
        """Make the exports that serving on `device` needs, unless they are there."""
        prepare_detector(self.detector, self.folder, device, cache_folder, progress)
        if device != "cpu":
            return
        for card in self.catalogue:
            try:
                find_export(card, cache_folder)
            except ExportMissing:
                progress(f"Preparing {card.title} ...")
                make_export(card, self.folder, cache_folder)

    def detector_ms(self, device: str, cache_folder: Path) -> dict[str, float]:
        """What finding faces takes in each quality, as `prepare` measured it; empty where it did not."""
        return read_export(self.detector.sha256, cache_folder)[1].quality_ms if device == "cpu" else {}

    def check_prepared(self, device: str, cache_folder: Path) -> None:
        """Raise ExportMissing where serving on `device` lacks something that `prepare` makes."""
        if device != "cpu":
            return
        read_export(self.detector.sha256, cache_folder)
        for card in self.catalogue:
            find_export(card, cache_folder)


def find_model(catalogue: Sequence[Card], name: str | None) -> Card:
    """Give a model of a catalogue by name, the first for None; raise ModelUnknown."""
    if name is None:
        return catalogue[0]
    for card in catalogue:
        if card.name == name:
            return card
    known = ", ".join(card.name for card in catalogue)
    raise ModelUnknown(f"There is no model {name!r}; choose one of {known}.")


def by_merit(card: Card) -> tuple[float, str]:
    """Order by accuracy over the seven labels of FER2013, best first; models without that figure last.

    It is without test-time augmentation, as on the site: augmentation helps some networks more than others.
    """
    accuracies = (
        evaluation.value
        for evaluation in card.evaluations
        if (evaluation.metric, evaluation.split, evaluation.views)
        == ("accuracy fer7", "PublicTest", card.temperature_views)
    )
    return -next(accuracies, 0.0), card.name

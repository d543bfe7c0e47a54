"""Which models of a weights folder are served, and what they need prepared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recognition.cards import Card, cards_for, load_cards, verified_weights
from recognition.detection import prepare_detector
from recognition.detection.export import read_export
from recognition.errors import CardMissing, ExportMissing, ModelUnknown
from recognition.expression.export import find_export, make_export

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServedModels:
    """The detector and the emotion models of one weights folder, the site's default first."""

    folder: Path
    detector: Card
    emotions: tuple[Card, ...]

    @classmethod
    def read(cls, folder: Path) -> "ServedModels":
        """Read the cards and check every weights file against its hash; raise WeightsError subclasses."""
        cards = load_cards(folder)
        detectors, emotions = cards_for(cards, "face_detector"), cards_for(cards, "emotion")
        for task, found in (("face_detector", detectors), ("emotion", emotions)):
            if not found:
                raise CardMissing(
                    f"{folder} has no card with the task {task}; fetch the weights folder anew."
                )
        for card in (*detectors[:1], *emotions):
            verified_weights(card, folder)
        return cls(folder, detectors[0], tuple(sorted(emotions, key=_by_merit)))

    @property
    def default(self) -> Card:
        """The emotion model that answers when none is named."""
        return self.emotions[0]

    def emotion(self, name: str | None) -> Card:
        """Give an emotion model by name, the default for None; raise ModelUnknown."""
        if name is None:
            return self.default
        for card in self.emotions:
            if card.name == name:
                return card
        known = ", ".join(card.name for card in self.emotions)
        raise ModelUnknown(f"There is no model {name!r}; choose one of {known}.")

    def prepare(self, device: str, cache_folder: Path, progress: Progress) -> None:
        """Make the exports that serving on `device` needs, unless they are there."""
        prepare_detector(self.detector, self.folder, device, cache_folder, progress)
        if device != "cpu":
            return
        for card in self.emotions:
            try:
                find_export(card, cache_folder)
            except ExportMissing:
                progress(f"Preparing {card.title} ...")
                make_export(card, self.folder, cache_folder)

    def check_prepared(self, device: str, cache_folder: Path) -> None:
        """Raise ExportMissing where serving on `device` lacks something that `prepare` makes."""
        if device != "cpu":
            return
        read_export(self.detector.sha256, cache_folder)
        for card in self.emotions:
            find_export(card, cache_folder)


def _by_merit(card: Card) -> tuple[float, str]:
    """Order by accuracy over the seven labels of FER2013, best first; models without that figure last."""
    accuracies = [
        evaluation.value
        for evaluation in card.evaluations
        if evaluation.metric == "accuracy fer7" and evaluation.split == "PublicTest"
    ]
    return -max(accuracies, default=0.0), card.name

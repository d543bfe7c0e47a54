"""The models of a weights folder that are served, and their preparation."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recognition.detection import prepare_detector
from recognition.detection.precision import read_choice
from recognition.errors import CardMissing, ModelUnknown
from recognition.models.cards import Card, cards_for, load_cards, verified_weights
from recognition.models.graphs import find_graph
from recognition.models.tasks import DEFAULT_TASK, FACE_DETECTOR, TASKS

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServedModels:
    """One folder's detector, models of the default task (the site's default first) and of other tasks."""

    folder: Path
    detector: Card
    primary: tuple[Card, ...]
    others: tuple[Card, ...] = ()

    @classmethod
    def read(
        cls, folder: Path, *, permitted: Collection[str] = (), detector: str | None = None
    ) -> "ServedModels":
        """Read the cards and check every weights file against its hash; raise WeightsError subclasses.

        `permitted` names the tasks that need the operator's permission and have it; see `permitted_tasks`.
        `detector`: a face detector's name, by default the first. Raises ModelUnknown where there is none.
        """
        cards = load_cards(folder)
        of_task = {task: sorted(cards_for(cards, task), key=by_merit) for task in TASKS}
        for task in (FACE_DETECTOR, DEFAULT_TASK):
            if not of_task[task.name]:
                raise CardMissing(
                    f"{folder} has no card with the task {task.name}; download the weights folder again."
                )
        finder = find_model(of_task.pop(FACE_DETECTOR.name), detector)
        primary = of_task.pop(DEFAULT_TASK.name)
        allowed = [task for task in of_task if TASKS[task].permission is None or task in permitted]
        others = [card for task in allowed for card in of_task[task]]
        for card in (finder, *primary, *others):
            verified_weights(card, folder)
        return cls(folder, finder, tuple(primary), tuple(others))

    @property
    def default(self) -> Card:
        """The model that answers when none is named."""
        return self.primary[0]

    @property
    def catalogue(self) -> tuple[Card, ...]:
        """Every model that answers, the default first."""
        return (*self.primary, *self.others)

    def named(self, name: str | None) -> Card:
        """Return a model by name, the default for None; raise ModelUnknown."""
        return find_model(self.catalogue, name)

    def only(self, card: Card) -> "ServedModels":
        """Return the detector and one model of the catalogue: what answering with that model needs."""
        if card in self.primary:
            return replace(self, primary=(card,), others=())
        return replace(self, primary=(), others=(card,))

    def prepare(self, device: str, cache_folder: Path, progress: Progress) -> None:
        """Measure the detector's precision on `device`, unless it is stored; raise WeightsError."""
        prepare_detector(self.detector, self.folder, device, cache_folder, progress)
        self.check_prepared(device, cache_folder)

    def detector_ms(self, device: str, cache_folder: Path) -> dict[str, float]:
        """What finding faces takes in each quality, as `prepare` measured it; empty where it did not."""
        return read_choice(self.detector, cache_folder).quality_ms if device == "cpu" else {}

    def check_prepared(self, device: str, cache_folder: Path) -> None:
        """Raise ExportMissing, GraphMissing or GraphOutdated for what serving on `device` lacks."""
        if device != "cpu":
            return
        for card in (self.detector, *self.catalogue):
            find_graph(card, self.folder)
        read_choice(self.detector, cache_folder)


def find_model(catalogue: Sequence[Card], name: str | None) -> Card:
    """Return a model of a catalogue by name, the first for None; raise ModelUnknown."""
    if name is None:
        return catalogue[0]
    for card in catalogue:
        if card.name == name:
            return card
    known = ", ".join(card.name for card in catalogue)
    raise ModelUnknown(f"There is no model {name!r}; choose one of {known}.")


def by_merit(card: Card) -> tuple[float, str]:
    """Order by the figure that ranks the models of a task, best first; models without that figure last.

    It is without test-time augmentation, as on the site: augmentation helps some networks more than others.
    """
    accuracies = (
        evaluation.value
        for evaluation in card.evaluations
        if (evaluation.metric, evaluation.split) == card.task_definition.ranked_by
        and evaluation.views == card.temperature_views
    )
    return -next(accuracies, 0.0), card.name

"""Model cards: what a weights file contains, how accurate it is, and the hash that identifies it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from recognition.atomic_files import complete_files
from recognition.errors import ArchitectureUnknown, CardInvalid, CardMissing, WeightsHashMismatch
from recognition.models.architectures import ARCHITECTURES, DETECTOR_ARCHITECTURES
from recognition.models.calibration import Calibration, toward_even
from recognition.models.labels import label_positions, label_sets_of
from recognition.models.tasks import LABEL_SETS, TASKS, Task, register_installed_tasks
from recognition.options import UNCERTAIN_BELOW
from recognition.types import FloatArray

# Ranges outside which a card is refused: a calibration then keeps the order of the labels.
Temperature = Annotated[float, msgspec.Meta(gt=0)]
Damping = Annotated[float, msgspec.Meta(ge=0, le=2)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]


class CardInput(msgspec.Struct, frozen=True):
    """What the network takes: pixels in 0..1, less `mean`, over `std`; `margin` grows the detector's box.

    A margin of 0 leaves it to the detector's card.
    """

    height: int
    width: int
    channels: int
    mean: float = 0.0
    std: float = 1.0
    margin: float = 0.0


class CardTraining(msgspec.Struct, frozen=True):
    """How the weights were trained; `reproduce CHAIN` repeats it, where there is a chain of several steps."""

    recipe: str
    data: str
    seed: int
    epochs: int
    images: int
    seconds: float
    device: str
    chain: str = ""


class Evaluation(msgspec.Struct, frozen=True):
    """One measured figure: a fraction with its 95 % interval, over `n` examples."""

    data: str
    split: str
    n: int
    views: str
    metric: str
    value: Fraction
    ci95: tuple[Fraction, Fraction]


class Head(msgspec.Struct, frozen=True):
    """One list of labels that a network answers in; its logits start at `first` of the network's.

    `uncertain`: the confidence below which its answer is uncertain; None if not measured.
    `known_at`: which of the network's outputs says that an image is one of the labels at all, if one does.
    """

    labels: tuple[str, ...]
    temperature: Temperature
    uncertain: Fraction | None
    first: int = 0
    damping: Damping = 0.0
    known_at: int | None = None

    @property
    def calibration(self) -> Calibration:
        """What turns its logits into probabilities."""
        return Calibration(self.temperature, self.damping)

    @property
    def uncertain_below(self) -> float:
        """The confidence below which an answer is shown as uncertain, measured or not."""
        return UNCERTAIN_BELOW if self.uncertain is None else self.uncertain

    def logits(self, outputs: FloatArray) -> FloatArray:
        """Take this head's logits (..., labels) from all of the network's (..., outputs)."""
        return outputs[..., self.first : self.first + len(self.labels)]

    def probabilities(self, outputs: FloatArray) -> FloatArray:
        """Turn the network's logits (..., outputs) into this head's probabilities (..., labels)."""
        probabilities = self.calibration.probabilities(self.logits(outputs))
        if self.known_at is None:
            return probabilities
        return toward_even(probabilities, outputs[..., self.known_at])


class Card(msgspec.Struct, frozen=True):
    """Everything known about one weights file; stored beside it as JSON under the same name.

    `rejects_unknown`: one more output follows the labels' logits, which is high for images of the kind that
    the model was trained on and low for any other.
    """

    name: str
    title: str
    task: str
    architecture: str
    arguments: dict[str, Any]
    parameters: int
    sha256: str
    input: CardInput
    labels: tuple[str, ...]
    temperature: Temperature
    temperature_views: str
    thresholds: dict[str, Fraction]
    training: CardTraining
    evaluations: tuple[Evaluation, ...]
    limits: tuple[str, ...]
    licence: str
    more_heads: tuple[Head, ...] = ()
    damping: Damping = 0.0
    rejects_unknown: bool = False

    @property
    def heads(self) -> tuple[Head, ...]:
        """The lists of labels that the network answers in: the card's own, then any further ones."""
        uncertain = self.thresholds.get("uncertain")
        known_at = len(self.labels) if self.rejects_unknown else None
        own = Head(self.labels, self.temperature, uncertain, damping=self.damping, known_at=known_at)
        return (own, *self.more_heads)

    @property
    def classes(self) -> int:
        """How many outputs the network's own classifier layer has."""
        return len(self.labels) + self.rejects_unknown

    @property
    def outputs(self) -> int:
        """How many logits the network gives for its heads together."""
        return max(self.classes, *(head.first + len(head.labels) for head in self.heads))

    def head(self, labels: Sequence[str]) -> Head:
        """Return the first head that knows all of `labels`; raise LabelSetUnknown where none does."""
        knowing = (head for head in self.heads if set(labels) <= set(head.labels))
        head = next(knowing, self.heads[0])
        label_positions(head.labels, labels)
        return head

    @property
    def task_definition(self) -> Task:
        """The registry's entry of its task."""
        return TASKS[self.task]

    @property
    def sees_faces(self) -> bool:
        """Whether it answers for each face; else it answers for the whole image."""
        return TASKS[self.task].scope == "face"

    @property
    def label_sets(self) -> tuple[str, ...]:
        """Names of the label sets this model answers in, its own first; its own name where it has none."""
        names = (name for head in self.heads for name in label_sets_of(head.labels))
        return tuple(dict.fromkeys(names)) or (self.name,)

    @property
    def uncertain(self) -> dict[str, float]:
        """Below which confidence an answer is uncertain, by label set; 0 if it was not measured."""
        return {name: self.head_of(name).uncertain or 0.0 for name in self.label_sets}

    def head_of(self, label_set: str) -> Head:
        """Return the head that answers in one of the model's label sets."""
        return self.head(self.labels_of(label_set))

    def labels_of(self, label_set: str) -> tuple[str, ...]:
        """Return the labels of one of the model's label sets, in order."""
        return LABEL_SETS.get(label_set, self.labels)


def load_card(file: Path) -> Card:
    """Read one card; raise CardInvalid naming the file and the field, or ArchitectureUnknown."""
    try:
        card = msgspec.json.decode(file.read_bytes(), type=Card)
    except OSError as error:
        raise CardMissing(
            f"{file} cannot be read ({error.strerror}); put the weights' card there."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CardInvalid(f"{file} is not a valid card ({error}); download it again.") from error
    if card.name != file.stem:
        raise CardInvalid(f"{file} names itself {card.name!r}; download it again.")
    register_installed_tasks()
    if card.task not in TASKS:
        raise CardInvalid(
            f"{file} needs the task {card.task!r}; install the package that adds it, or update this program."
        )
    if card.rejects_unknown and card.more_heads:
        raise CardInvalid(
            f"{file} has rejects_unknown and more_heads, which exclude each other; download it again."
        )
    if card.architecture not in ARCHITECTURES and card.architecture not in DETECTOR_ARCHITECTURES:
        raise ArchitectureUnknown(
            f"{file} needs the architecture {card.architecture!r}; update this program."
        )
    return card


def load_cards(folder: Path) -> dict[str, Card]:
    """Read all cards of a weights folder by name, without hidden files.

    Raises CardMissing for a weights file without a card.
    """
    if not folder.is_dir():
        raise CardMissing(f"The weights folder {folder} is missing; set WEIGHTS to the folder of the cards.")
    cards = {file.stem: load_card(file) for file in sorted(folder.glob("[!.]*.json"))}
    for weights in sorted(folder.glob("[!.]*.safetensors")):
        if weights.stem not in cards:
            raise CardMissing(f"{weights} has no card; put {weights.stem}.json in the same folder.")
    return cards


def weights_file(card: Card, folder: Path) -> Path:
    """Return the path of a card's weights."""
    return folder / f"{card.name}.safetensors"


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verified_weights(card: Card, folder: Path) -> Path:
    """Return the weights file of a card after checking its hash; raise CardMissing or WeightsHashMismatch."""
    file = weights_file(card, folder)
    if not file.is_file():
        raise CardMissing(f"{file} is missing, though its card is there; download it again.")
    if file_sha256(file) != card.sha256:
        raise WeightsHashMismatch(f"{file} is not the file that its card describes; download both again.")
    return file


def save_card(card: Card, folder: Path) -> Path:
    """Write a card as readable JSON next to its weights, complete or not at all."""
    name = f"{card.name}.json"
    with complete_files(folder) as unfinished:
        (unfinished / name).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
    return folder / name


def cards_for(cards: dict[str, Card], task: str) -> tuple[Card, ...]:
    """The cards of one task, in name order."""
    return tuple(card for card in cards.values() if card.task == task)

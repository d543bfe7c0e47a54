"""The results of a comparison, as plain values: the same for Markdown, HTML, the image and JSON."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from recognition.lab.comparison.contest import Outcome
from recognition.lab.comparison.cost import SPEED_BATCH
from recognition.types import UInt8Array

EXPLANATIONS = (
    "Accuracy is given with its 95 % interval (Wilson); macro figures are means over the labels with images.",
    "FLOPs are for one image; a multiplication and an addition count as two.",
    "MACs are multiply-adds, half as many; papers often call them FLOPs.",
    "In a confusion matrix, rows are true labels and columns predictions; the shade is the share of the row.",
    "The sample images were drawn at random, the same for all networks and as evenly as possible by label.",
)


class Entry(msgspec.Struct, frozen=True):
    """One row of the table: fractions, counts, seconds; `confusion` has the order of the report's labels."""

    name: str
    recipe: str
    title: str
    architecture: str
    accuracy: float
    ci95: tuple[float, float]
    macro_precision: float
    macro_recall: float
    macro_f1: float
    parameters: int
    flops: int
    macs: int
    images_per_s: float
    epochs: int
    train_images: int
    train_s: float
    train_device: str
    input: tuple[int, int, int]
    confusion: list[list[int]]


class Sample(msgspec.Struct, frozen=True):
    """One held-out image: its true label, and each network's prediction by the entry's name."""

    name: str
    label: str
    answers: dict[str, str]


class Report(msgspec.Struct, frozen=True):
    """The complete content of a comparison, in order."""

    title: str
    command: str
    data: str
    split: str
    n: int
    views: str
    seed: int
    labels: tuple[str, ...]
    machine: str
    speed_batch: int
    entries: tuple[Entry, ...]
    samples: tuple[Sample, ...]
    notes: tuple[str, ...]


def summarize(
    title: str,
    command: str,
    outcomes: Sequence[Outcome],
    *,
    views: str,
    notes: Sequence[str] = (),
) -> Report:
    """Return the report of the outcomes of one contest."""
    first = outcomes[0]
    return Report(
        title=title,
        command=command,
        data=first.card.evaluations[0].data,
        split=first.split,
        n=len(first.answers.targets),
        views=views,
        seed=first.card.training.seed,
        labels=first.card.labels,
        machine=first.cost.machine,
        speed_batch=SPEED_BATCH,
        entries=tuple(_entry(outcome) for outcome in outcomes),
        samples=_samples(outcomes),
        notes=(*notes, *EXPLANATIONS),
    )


def _entry(outcome: Outcome) -> Entry:
    card, cost, figures = outcome.card, outcome.cost, outcome.answers.figures
    return Entry(
        name=outcome.entrant.name,
        recipe=outcome.entrant.recipe_name,
        title=card.title,
        architecture=card.architecture,
        accuracy=figures["accuracy"],
        ci95=(figures["ci95"][0], figures["ci95"][1]),
        macro_precision=figures["macro_precision"],
        macro_recall=figures["macro_recall"],
        macro_f1=figures["macro_f1"],
        parameters=cost.parameters,
        flops=cost.flops,
        macs=cost.macs,
        images_per_s=cost.images_per_s,
        epochs=card.training.epochs,
        train_images=card.training.images,
        train_s=card.training.seconds,
        train_device=card.training.device,
        input=(card.input.channels, card.input.height, card.input.width),
        confusion=figures["confusion"],
    )


def _samples(outcomes: Sequence[Outcome]) -> tuple[Sample, ...]:
    first = outcomes[0].answers
    return tuple(
        Sample(
            name=first.names[place],
            label=first.labels[first.targets[number]],
            answers={
                outcome.entrant.name: first.labels[outcome.answers.numbers[number]] for outcome in outcomes
            },
        )
        for place, number in enumerate(first.samples)
    )


def sample_images(outcomes: Sequence[Outcome]) -> UInt8Array:
    """Return the sample images (n, h, w[, 3]) as the network with the largest input received them."""
    return max((outcome.answers.images for outcome in outcomes), key=lambda images: images[0].size)


HEADINGS = (
    "network", "accuracy", "95 % interval", "macro precision", "macro recall", "macro F1",
    "parameters", "FLOPs", "MACs", "images/s", "training",
)  # fmt: skip


def table_rows(report: Report) -> list[tuple[str, ...]]:
    """Return the table's rows under HEADINGS, as text."""
    return [
        (
            entry.name,
            f"{entry.accuracy:.3f}",
            f"{entry.ci95[0]:.3f} to {entry.ci95[1]:.3f}",
            f"{entry.macro_precision:.3f}",
            f"{entry.macro_recall:.3f}",
            f"{entry.macro_f1:.3f}",
            f"{entry.parameters:,}",
            in_thousands(entry.flops),
            in_thousands(entry.macs),
            f"{entry.images_per_s:,g}",
            worded_time(entry.train_s),
        )
        for entry in report.entries
    ]


def facts(report: Report) -> list[str]:
    """Return the conditions of the comparison, one sentence each."""
    sizes = "; ".join(
        f"{entry.name}: {entry.epochs} epochs of {entry.train_images:,} images, {_size(entry.input)}"
        for entry in report.entries
    )
    devices = ", ".join(sorted({entry.train_device for entry in report.entries}))
    return [
        f"Data: {report.data}, evaluated on {report.split} ({report.n:,} images).",
        f"Test-time augmentation {report.views}, seed {report.seed}, trained on {devices}.",
        f"Trained: {sizes}.",
        f"images/s: after warming up, batches of {report.speed_batch}, fp32, {report.machine}.",
    ]


def _size(input_chw: tuple[int, int, int]) -> str:
    channels, height, width = input_chw
    return f"{height} x {width} {'grayscale' if channels == 1 else 'color'}"


def in_thousands(count: int) -> str:
    """Return a large count with three digits: 4.46 G."""
    for size, sign in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.3g} {sign}"
    return str(count)


def worded_time(seconds: float) -> str:
    """Return a duration in hours, minutes and seconds: 1:02:03."""
    return str(timedelta(seconds=round(seconds)))

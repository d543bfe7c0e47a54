"""The history of a training run: one record per epoch, as CSV, JSON lines and curves."""

import csv
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec


@dataclass(frozen=True)
class EpochRecord:
    """Losses are mean cross-entropies, accuracies fractions; val is without changes to the images."""

    epoch: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    lr: float
    seconds: float


class History:
    """The records of a run, also in `history.csv` and `history.jsonl` of its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: list[EpochRecord] = []

    def add(self, record: EpochRecord) -> None:
        """Keep one more epoch and write both files again."""
        self.records.append(record)
        self._write()

    def restore(self, records: list[dict[str, float]]) -> None:
        """Load the records of a resumed run."""
        self.records = msgspec.convert(records, list[EpochRecord])
        self._write()

    @property
    def as_dicts(self) -> list[dict[str, float]]:
        """The records as plain values."""
        return [asdict(record) for record in self.records]

    @property
    def seconds(self) -> float:
        """How long all epochs took."""
        return sum(record.seconds for record in self.records)

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "history.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(EpochRecord)])
            writer.writeheader()
            writer.writerows(self.as_dicts)
        lines = "".join(json.dumps(record) + "\n" for record in self.as_dicts)
        (self.folder / "history.jsonl").write_text(lines, encoding="utf-8")

    def draw(self, file: Path) -> None:
        """Draw loss and accuracy by epoch, for training and validation."""
        import matplotlib

        matplotlib.use("agg")
        from matplotlib import pyplot

        epochs = [record.epoch for record in self.records]
        figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            for split in ("train", "val"):
                axis.plot(
                    epochs, [getattr(record, f"{split}_{name}") for record in self.records], label=split
                )
            axis.set(xlabel="epoch", ylabel=name)
            axis.legend()
        figure.savefig(file, dpi=110)
        pyplot.close(figure)

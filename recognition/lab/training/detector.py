"""One training run of the face detector with ultralytics' trainer: offline, resumable, one class."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recognition.detection.torch_yolo_network import (
    DEFINITION,
    build_network,
    empty_network,
    keep_ultralytics_offline,
)
from recognition.errors import RecipeError
from recognition.lab.training.detector_images import link_images
from recognition.lab.training.detector_run import DetectorRun
from recognition.lab.training.weight_averaging import average_weights
from recognition.models.cards import CardTraining

if TYPE_CHECKING:
    from torch import Tensor

Report = Callable[[str], None]

RUN = "ultralytics"  # the trainer's own folder within a run's folder
LOSSES = ("box", "cls", "dfl")


@dataclass(frozen=True, slots=True)
class TrainedDetector:
    """The averaged weights after the last epoch (names as in safetensors), and what a card says of them."""

    state: "Mapping[str, Tensor]"
    training: CardTraining


def train_detector(run: DetectorRun, recipe_name: str, *, resume: bool, report: Report) -> TrainedDetector:
    """Train, or continue after the last finished epoch; `report` gets a line per epoch.

    Only the run's own checkpoint is read by a resume; one of a finished run gives its weights again.
    Raises DataError for the data set, RecipeError for a resume with nothing to resume.
    """
    images = link_images(run)
    keep_ultralytics_offline(run.out / "settings")
    if resume and not can_resume(run.out):
        raise RecipeError(f"{run.out} contains no training to resume; omit --resume.")
    if resume and (finished := _finished_state(run)) is not None:
        state = finished
    else:
        trainer = _trainer(run, _checkpoint(run.out) if resume else None, report)
        trainer.train()
        state = trainer.ema.ema.float().state_dict()
    _draw_curves(run.out)
    kept = run.recipe.network.weight_interpolation
    if run.start is not None and kept:
        state = average_weights(_start_state(run, run.start), state, kept)
    return TrainedDetector(state, _facts(run, recipe_name, min(images, run.limit or images)))


def can_resume(out: Path) -> bool:
    """Whether a run's folder contains a checkpoint."""
    return _checkpoint(out).is_file()


def _checkpoint(out: Path) -> Path:
    return out / RUN / "weights" / "last.pt"


def _finished_state(run: DetectorRun) -> "Mapping[str, Tensor] | None":
    """Return the weights of a checkpoint after the last epoch; None if epochs are missing."""
    import torch

    # The file was written by this run, and contains ultralytics' own classes.
    saved = torch.load(_checkpoint(run.out), map_location="cpu", weights_only=False)
    if saved["epoch"] + 1 < run.recipe.epochs:
        return None
    return saved["ema"].float().state_dict()  # type: ignore[no-any-return]


def _start_state(run: DetectorRun, start: Path) -> "Mapping[str, Tensor]":
    network = run.recipe.network
    return build_network(start, run.out / "settings", network.architecture, network.arguments).state_dict()


def _initial_network(run: DetectorRun, weights: Any) -> Any:
    """Return the recipe's network with the weights of a checkpoint's network, or of the run's start."""
    part = run.recipe.network
    network = empty_network(run.out / "settings", part.architecture, part.arguments)
    if weights is not None:
        network.load_state_dict(weights.float().state_dict())
    elif run.start is not None:
        network.load_state_dict(_start_state(run, run.start))
    return network


def _trainer(run: DetectorRun, checkpoint: Path | None, report: Report) -> Any:
    """ultralytics' trainer, started from our weights and reporting to us."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer
    from ultralytics.utils.ops import xywhn2xyxy

    from recognition.lab.training.augmentation import as_webcams_give, cover_faces
    from recognition.lab.training.bf16_detector import Bf16DetectionModel
    from recognition.lab.training.round_boxes import RoundDataset

    class FaceTrainer(DetectionTrainer):
        def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
            network = _initial_network(run, weights)
            if run.is_half and not run.is_cuda:
                network.__class__ = Bf16DetectionModel
            return self._laid_out(network)

        def save_model(self) -> bool:
            """Replace the checkpoint in one step: an interruption leaves the one before."""
            final = _checkpoint(run.out)
            self.last = final.with_suffix(".tmp")
            written = bool(super().save_model())
            self.last = self.last.replace(final)
            return written

        def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
            dataset = super().build_dataset(img_path, mode, batch)
            if mode == "train":
                dataset.__class__ = RoundDataset
                dataset.transforms = dataset.build_transforms(self.args)
            return dataset

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            images: Tensor = batch["img"]
            height, width = images.shape[2:]
            boxes = xywhn2xyxy(batch["bboxes"], width, height)
            images = cover_faces(images, boxes, batch["batch_idx"], augmentation.occlusion, chance)
            batch["img"] = self._laid_out(as_webcams_give(images, augmentation.degrade, chance))
            return batch

        def final_eval(self) -> None:
            """Keep the checkpoint complete: a stripped one cannot be resumed; the result is measured here."""

        def _laid_out(self, value: Any) -> Any:
            # ultralytics does this on CUDA alone; a CPU's convolutions gain by it too.
            return value.to(memory_format=torch.channels_last) if self.device.type == "cpu" else value

    augmentation = run.recipe.augmentation
    chance = torch.Generator().manual_seed(run.seed)
    threads = torch.get_num_threads()
    trainer = FaceTrainer(overrides=_overrides(run, checkpoint))
    # ultralytics leaves one core out, which is half of two.
    trainer.add_callback("on_train_start", lambda _: torch.set_num_threads(threads))
    trainer.add_callback("on_fit_epoch_end", lambda state: report(_epoch_line(state)))
    return trainer


def _overrides(run: DetectorRun, checkpoint: Path | None) -> dict[str, Any]:
    overrides: dict[str, Any] = {
        "data": str(run.out / "data.yaml"),
        "device": run.device.removeprefix("cuda:"),
        "seed": run.seed,
        "project": str(run.out.resolve()),
        "name": RUN,
        "exist_ok": True,
        "pretrained": False,
        "workers": run.workers,
        "plots": False,
        "verbose": False,
        # True would make ultralytics fetch a model to check the device with.
        "amp": "bf16" if run.is_half and run.is_cuda else False,
        **run.recipe.trainer_settings,
    }
    if run.limit:
        overrides["fraction"] = run.limit
    # Without a checkpoint the name is not read: `get_model` builds the recipe's network.
    if checkpoint is None:
        return {**overrides, "model": DEFINITION}
    return {**overrides, "resume": str(checkpoint), "model": str(checkpoint)}


def _epoch_line(trainer: Any) -> str:
    losses = " ".join(f"{name} {float(value):.3f}" for name, value in trainer.tloss.items())
    ap50 = trainer.metrics.get("metrics/mAP50(B)", 0.0)
    left = (trainer.epochs - trainer.epoch - 1) * trainer.epoch_time / 60
    return (
        f"epoch {trainer.epoch + 1}/{trainer.epochs}: {losses}, AP50 {ap50:.3f}, "
        f"{trainer.epoch_time:.0f} s, {left:.0f} min left"
    )


def _facts(run: DetectorRun, recipe_name: str, images: int) -> CardTraining:
    part = run.recipe.data
    changes = [f"without {', '.join(part.leave_out)}"] if part.leave_out else []
    if part.negatives:
        folders = ", ".join(folder.name for folder in run.negatives)
        changes.append(f"with at most {part.negatives} images without faces from {folders}")
    if part.negative_mosaics:
        changes.append(f"with {part.negative_mosaics} mosaics of four of them")
    if part.synthetic_negatives:
        changes.append(f"with {part.synthetic_negatives} synthetic images without faces")
    return CardTraining(
        recipe=recipe_name,
        data=", ".join([f"{run.data.name} train", *changes]),
        seed=run.seed,
        epochs=run.recipe.epochs,
        images=images,
        seconds=round(_seconds(_rows(run.out)), 1),
        device=run.device,
    )


def _seconds(rows: list[dict[str, float]]) -> float:
    """How long all epochs took; the trainer's clock restarts at a resume."""
    total = before = 0.0
    for row in rows:
        now = row["time"]
        total += now - before if now >= before else now
        before = now
    return total


def _rows(out: Path) -> list[dict[str, float]]:
    file = out / RUN / "results.csv"
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    # An epoch whose checkpoint was not written is trained, and listed, again.
    return list({row["epoch"]: row for row in rows}.values())


def _draw_curves(out: Path) -> None:
    """Draw the training's losses and validation's average precision by epoch into `curves.png`."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    rows = _rows(out)
    epochs = [row["epoch"] for row in rows]
    figure, (losses, precision) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for name in LOSSES:
        losses.plot(epochs, [row[f"train/{name}_loss"] for row in rows], label=f"{name}, train")
    precision.plot(epochs, [row["metrics/mAP50(B)"] for row in rows], label="AP50, val")
    losses.set(xlabel="epoch", ylabel="loss")
    precision.set(xlabel="epoch", ylabel="AP50", ylim=(0, 1))
    for axis in (losses, precision):
        axis.legend()
    figure.savefig(out / "curves.png", dpi=110)
    pyplot.close(figure)

"""One training run of the face detector with ultralytics' trainer: offline, resumable, one class."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recognition.detection.torch_yolo_network import DEFINITION, build_network, keep_ultralytics_offline
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


def train_detector(run: DetectorRun, *, resume: bool, report: Report) -> TrainedDetector:
    """Train, or go on after the last finished epoch; `report` gets a line an epoch.

    Only the run's own checkpoint is read back by a resume. Raises DataError for the data set, RecipeError for
    a resume with nothing to resume.
    """
    checkpoint = run.out / RUN / "weights" / "last.pt"
    if resume:
        _check_resumable(run, checkpoint)
    images = link_images(run)
    keep_ultralytics_offline(run.out / "settings")
    trainer = _trainer(run, checkpoint if resume else None, report)
    trainer.train()
    _draw_curves(run.out)
    state = trainer.ema.ema.float().state_dict()
    if run.weights is not None and run.weight_interpolation:
        start = build_network(run.weights, run.out / "settings").state_dict()
        state = average_weights(start, state, run.weight_interpolation)
    return TrainedDetector(state, _facts(run, images))


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
            network = super().get_model(cfg=cfg, weights=weights, verbose=False)
            if run.is_half and not run.is_cuda:
                network.__class__ = Bf16DetectionModel
            if weights is None and run.weights is not None:
                network.load_state_dict(build_network(run.weights, run.out / "settings").state_dict())
            return self._laid_out(network)

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
            images = cover_faces(images, boxes, batch["batch_idx"], run.occlusion, chance)
            batch["img"] = self._laid_out(as_webcams_give(images, run.degrade, chance))
            return batch

        def final_eval(self) -> None:
            """Leave the checkpoint whole: we measure ourselves, and a stripped one cannot be resumed."""

        def _laid_out(self, value: Any) -> Any:
            # ultralytics does this on CUDA alone; a CPU's convolutions gain by it too.
            return value.to(memory_format=torch.channels_last) if self.device.type == "cpu" else value

    chance = torch.Generator().manual_seed(run.seed)
    threads = torch.get_num_threads()
    trainer = FaceTrainer(overrides=_overrides(run, checkpoint))
    # ultralytics leaves one core out, which is half of two.
    trainer.add_callback("on_train_start", lambda _: torch.set_num_threads(threads))
    trainer.add_callback("on_fit_epoch_end", lambda state: report(_epoch_line(state)))
    return trainer


def _overrides(run: DetectorRun, checkpoint: Path | None) -> dict[str, Any]:
    overrides: dict[str, Any] = {
        "model": DEFINITION,
        "data": str(run.out / "data.yaml"),
        "imgsz": run.image_size,
        "epochs": run.epochs,
        "batch": run.batch,
        "device": run.device.removeprefix("cuda:"),
        "seed": run.seed,
        "project": str(run.out.resolve()),
        "name": RUN,
        "exist_ok": True,
        "pretrained": False,
        # "auto" would choose the learning rate itself, whatever the settings say.
        "optimizer": "SGD",
        "plots": False,
        "verbose": False,
        # True would make ultralytics fetch a model to check the device with.
        "amp": "bf16" if run.is_half and run.is_cuda else False,
        **run.settings,
    }
    if checkpoint is not None:
        overrides |= {"resume": str(checkpoint), "model": str(checkpoint)}
    return overrides


def _check_resumable(run: DetectorRun, checkpoint: Path) -> None:
    if not checkpoint.is_file():
        raise RecipeError(f"{run.out} contains no training to resume; omit --resume.")
    done = len(_rows(run.out))
    if done >= run.epochs:
        raise RecipeError(f"The training in {run.out} has finished its {done} epochs; nothing to resume.")


def _epoch_line(trainer: Any) -> str:
    losses = " ".join(f"{name} {float(value):.3f}" for name, value in trainer.tloss.items())
    ap50 = trainer.metrics.get("metrics/mAP50(B)", 0.0)
    return (
        f"epoch {trainer.epoch + 1}/{trainer.epochs}: {losses}, AP50 {ap50:.3f}, {trainer.epoch_time:.0f} s"
    )


def _facts(run: DetectorRun, images: int) -> CardTraining:
    start = "random weights" if run.weights is None else run.weights.stem
    how = ", bf16" if run.is_half else ""
    how += f", averaged with {kept:g} of the initial weights" if (kept := run.weight_interpolation) else ""
    how += f", {run.degrade:g} degraded" if run.degrade else ""
    how += f", {run.occlusion:g} of the faces half occluded" if run.occlusion else ""
    settings = "".join(f", {name} {value}" for name, value in sorted(run.settings.items()))
    without = f" without {', '.join(sorted(run.left_out))}" if run.left_out else ""
    if run.negatives is not None:
        without += f", and at most {run.negatives_limit} images without faces of {run.negatives.name}"
        without += f", and {run.negative_mosaics} mosaics of four" if run.negative_mosaics else ""
    without += f", and {run.synthetic_negatives} synthetic ones" if run.synthetic_negatives else ""
    return CardTraining(
        recipe=f"train-detector from {start}, {run.image_size} px, batch {run.batch}{how}{settings}",
        data=f"{run.data.name} train{without}",
        seed=run.seed,
        epochs=run.epochs,
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
        return [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


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

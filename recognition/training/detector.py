"""One training of the face detector by ultralytics' trainer: offline, resumable, one class."""

import csv
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from recognition.cards import CardTraining
from recognition.data.faces import read_face_pictures
from recognition.data.smooth_pictures import smooth_picture
from recognition.detection.yolo_model import DEFINITION, build_network, keep_ultralytics_offline
from recognition.errors import DataError, RecipeError
from recognition.images import picture_files

if TYPE_CHECKING:
    from torch import Tensor

Report = Callable[[str], None]

RUN = "ultralytics"  # the trainer's own folder within a run's folder
LOSSES = ("box", "cls", "dfl")
PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What to train, from where, and into which folder.

    `weights`: a safetensors file to start from, None for random ones. `left_out`: subsets of the data set's
    manifest that are not trained on. `negatives`: a folder of pictures without faces, of which at most
    `negatives_limit`, drawn by the seed, are trained on as such. `smooth`: how many made pictures of slopes
    and patches are, too. `precision`: of the net's forward pass,
    "fp32" or "bf16"; "auto" is bf16 on CUDA. `webcam`: share of the pictures that lose light, focus
    and detail. `covered`: share of the faces of which a side is hidden. `settings`: further arguments of
    ultralytics' trainer, by its names.
    """

    data: Path
    out: Path
    image_size: int = 320
    epochs: int = 30
    batch: int = 32
    device: str = "cpu"
    precision: str = "auto"
    seed: int = 0
    weights: Path | None = None
    left_out: frozenset[str] = frozenset()
    negatives: Path | None = None
    negatives_limit: int = 500
    smooth: int = 0
    webcam: float = 0.0
    covered: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.image_size < 32 or self.image_size % 32:
            raise RecipeError(f"The image size {self.image_size} is not a multiple of 32; choose 320, say.")
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise RecipeError(f"There is no precision {self.precision!r}; choose one of {known}.")
        if self.epochs < 1 or self.batch < 1:
            raise RecipeError("A training has at least one epoch, and a batch at least one picture.")

    @property
    def is_cuda(self) -> bool:
        """Whether it runs on a CUDA device."""
        return self.device.startswith("cuda")

    @property
    def is_half(self) -> bool:
        """Whether the forward pass runs in bf16."""
        return self.precision == "bf16" or (self.precision == "auto" and self.is_cuda)


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
    images = _link_pictures(run)
    keep_ultralytics_offline(run.out / "settings")
    trainer = _trainer(run, checkpoint if resume else None, report)
    trainer.train()
    _draw_curves(run.out)
    return TrainedDetector(trainer.ema.ema.float().state_dict(), _facts(run, images))


def _trainer(run: DetectorRun, checkpoint: Path | None, report: Report) -> Any:
    """ultralytics' trainer, started from our weights and reporting to us."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer
    from ultralytics.utils.ops import xywhn2xyxy

    from recognition.training.augmentation import as_webcams_give, cover_faces
    from recognition.training.bf16_detector import Bf16DetectionModel
    from recognition.training.round_boxes import RoundDataset

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
            images = cover_faces(images, boxes, batch["batch_idx"], run.covered, chance)
            batch["img"] = self._laid_out(as_webcams_give(images, run.webcam, chance))
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
        raise RecipeError(f"{run.out} holds no training to resume; leave --resume out.")
    done = len(_rows(run.out))
    if done >= run.epochs:
        raise RecipeError(f"The training in {run.out} has finished its {done} epochs; nothing to resume.")


def _link_pictures(run: DetectorRun) -> int:
    """Lay links to the pictures and labels into the run's folder; return how many there are to train on.

    ultralytics keeps a pickled index beside the labels: it must lie in our folder, not in the user's.
    """
    folder = run.out / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    counts = {}
    for split in ("train", "val"):
        pictures = read_face_pictures(run.data, split)
        left_out = run.left_out if split == "train" else frozenset()
        chosen = [picture for picture in pictures if picture.subset not in left_out]
        if not chosen:
            raise DataError(f"Nothing of {run.data} is left to train on; leave fewer subsets out.")
        for picture in chosen:
            labels = picture.file.parents[2] / "labels" / split / f"{picture.file.stem}.txt"
            _link(picture.file, folder / "images" / split)
            if labels.exists():
                _link(labels, folder / "labels" / split)
        counts[split] = len(chosen)
    for number, negative in enumerate(_negatives(run)):
        # Pictures of one name may lie in several folders.
        (folder / "images/train" / f"negative-{number:05}{negative.suffix}").symlink_to(negative.resolve())
        counts["train"] += 1
    generator = np.random.default_rng(run.seed)
    for number in range(run.smooth):
        cv2.imwrite(str(folder / "images/train" / f"smooth-{number:05}.jpg"), smooth_picture(generator))
        counts["train"] += 1
    # JSON is YAML too, and quotes the path.
    places = {"path": str(folder.resolve()), "train": "images/train", "val": "images/val", "names": ["face"]}
    (run.out / "data.yaml").write_text(json.dumps(places), encoding="utf-8")
    return counts["train"]


def _negatives(run: DetectorRun) -> list[Path]:
    if run.negatives is None:
        return []
    files = list(picture_files([run.negatives])) if run.negatives.is_dir() else []
    if not files:
        raise DataError(f"{run.negatives} holds no picture without faces to train on.")
    return Random(run.seed).sample(files, min(run.negatives_limit, len(files)))  # noqa: S311


def _link(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).symlink_to(file.resolve())


def _epoch_line(trainer: Any) -> str:
    losses = " ".join(f"{name} {float(value):.3f}" for name, value in trainer.tloss.items())
    ap50 = trainer.metrics.get("metrics/mAP50(B)", 0.0)
    return (
        f"epoch {trainer.epoch + 1}/{trainer.epochs}: {losses}, AP50 {ap50:.3f}, {trainer.epoch_time:.0f} s"
    )


def _facts(run: DetectorRun, images: int) -> CardTraining:
    start = "random weights" if run.weights is None else run.weights.stem
    how = ", bf16" if run.is_half else ""
    how += f", {run.webcam:g} as webcams give them" if run.webcam else ""
    how += f", {run.covered:g} of the faces half covered" if run.covered else ""
    settings = "".join(f", {name} {value}" for name, value in sorted(run.settings.items()))
    without = f" without {', '.join(sorted(run.left_out))}" if run.left_out else ""
    if run.negatives is not None:
        without += f", and at most {run.negatives_limit} pictures without faces of {run.negatives.name}"
    without += f", and {run.smooth} made ones of slopes and patches" if run.smooth else ""
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
    """How long all epochs took; the trainer's clock starts anew at a resume."""
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

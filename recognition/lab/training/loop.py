"""The training loop: one recipe, one data set, one seed.

All randomness in an epoch is derived from the seed and the epoch's number: on one device, a run can be
repeated, and a resumed run gives the same result as an uninterrupted one.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from recognition.errors import DataError, RecipeError, TrainingDiverged
from recognition.folders import default_cache_folder
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.augmentation import augment, blend, flip, random_crop
from recognition.lab.training.checkpoint import Checkpoint
from recognition.lab.training.history import EpochRecord, History
from recognition.lab.training.losses import Objective, label_weights
from recognition.lab.training.optimisers import build_optimiser, learning_rate, set_rate, take_step
from recognition.lab.training.precision import Precision, choose_precision
from recognition.lab.training.recipe import DataPart, Recipe

EVALUATION_BATCH = 256
# Reading the loss synchronises the GPU, so it is read once in so many batches.
CHECK_EVERY = 20
Report = Callable[[str], None]


@dataclass(frozen=True)
class ResidentImages:
    """A split as tensors: images (n, c, h, w) uint8, targets (n, classes) shares, votes (n, 8) beside them.

    They lie where the training runs, or in main memory where they do not fit.
    """

    images: Tensor
    targets: Tensor

    @classmethod
    def of(cls, split: LabelledImages, device: torch.device, with_votes: bool) -> "ResidentImages":
        """Copy a split; raise DataError where votes are wanted and the data has none."""
        pixels = torch.from_numpy(split.images)
        images = pixels[:, None] if split.channels == 1 else pixels.permute(0, 3, 1, 2).contiguous()
        targets = functional.one_hot(torch.from_numpy(split.targets), len(split.labels)).float()
        if with_votes:
            if split.votes is None:
                raise DataError("loss.auxiliary needs FER+'s fer2013new.csv in the folder of fer2013.csv.")
            targets = torch.cat([targets, torch.from_numpy(split.votes)], dim=1)
        home = device if _fits(images, device) else torch.device("cpu")
        return cls(images.to(home), targets.to(home))

    def __len__(self) -> int:
        return len(self.images)


class Training:
    """A training run in progress; `run()` resumes from the last checkpoint in `out` if `resume` is set.

    `given` names the parameters that came with earlier weights; `teachers` take images in 0..1.
    """

    def __init__(
        self,
        recipe: Recipe,
        network: nn.Module,
        train: LabelledImages,
        val: LabelledImages,
        out: Path,
        *,
        device: torch.device,
        seed: int,
        report: Report,
        given: frozenset[str] = frozenset(),
        teachers: Sequence[nn.Module] = (),
    ) -> None:
        self.recipe, self.seed, self.out, self.report = recipe, seed, out, report
        self.device = device
        with_votes = recipe.loss.auxiliary > 0
        self.train_data = ResidentImages.of(train, device, with_votes)
        self.val_data = ResidentImages.of(val, device, False)
        self.batches = len(train) // recipe.batch
        if not self.batches:
            raise RecipeError(f"A batch of {recipe.batch} is more than the {len(train)} images.")
        self.precision = self._precision(network.to(device))
        self.network = network.to(memory_format=self.precision.layout)
        self.average = _average_of(self.network, recipe.optimiser.ema)
        self.optimiser = build_optimiser(self.network, recipe.optimiser, given)
        counts = torch.bincount(torch.from_numpy(train.targets), minlength=len(train.labels))
        weights = label_weights(counts, recipe.loss.class_balance).to(device)
        self.objective = Objective(recipe, self.network, weights, [t.to(device).eval() for t in teachers])
        self.history = History(out)

    @property
    def result(self) -> nn.Module:
        """The network to evaluate and keep: the average of the weights, where the recipe asks for one."""
        return self.network if self.average is None else self.average.module

    def run(self, resume: bool) -> History:
        """Train to the recipe's last epoch, with a checkpoint after each."""
        checkpoint = Checkpoint(self.out)
        first = self._restore(checkpoint.load(self.device)) if resume and checkpoint.exists else 0
        for epoch in range(first, self.recipe.epochs):
            started = monotonic()
            train_loss, train_accuracy = self._train_epoch(epoch)
            val_loss, val_accuracy = measure(self.result, self.val_data, self.recipe.data, self.device)
            record = EpochRecord(
                epoch + 1,
                train_loss,
                train_accuracy,
                val_loss,
                val_accuracy,
                learning_rate(self.recipe.optimiser, epoch + 1.0, self.recipe.epochs),
                round(monotonic() - started, 1),
            )
            self.history.add(record)
            checkpoint.save(self._state(epoch + 1))
            self.report(self._line(record))
        return self.history

    def _precision(self, network: nn.Module) -> Precision:
        image = self.train_data.images[0].to(self.device).float() / 255
        side = self.recipe.data.crop
        memory = default_cache_folder() / "precision.json"
        precision = choose_precision(self.recipe, network, image[:, :side, :side], self.device, memory)
        self.report(f"training in {precision} on {self.device}")
        return precision

    def _state(self, epochs_done: int) -> dict[str, Any]:
        """Everything that a resumed run needs."""
        return {
            "epochs_done": epochs_done,
            "seed": self.seed,
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.objective.steps,
            "history": self.history.as_dicts,
        }

    def _restore(self, state: dict[str, Any]) -> int:
        """Go on from a saved state; return how many epochs are done."""
        if state["seed"] != self.seed:
            raise RecipeError(
                f"The run in {self.out} began with seed {state['seed']}; resume it with that --seed."
            )
        self.network.load_state_dict(state["network"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.objective.steps = state["steps"]
        self.history.restore(state["history"])
        return int(state["epochs_done"])

    def _train_epoch(self, epoch: int) -> tuple[float, float]:
        """One pass over the training images: mean loss and share of right answers."""
        torch.manual_seed(self.seed * 10_007 + epoch)
        generator = Generator().manual_seed(self.seed * 20_011 + epoch)
        self.network.train()
        losses, right = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        # A bar on a terminal, nothing elsewhere.
        progress = tqdm(
            self._batches(epoch, generator), f"epoch {epoch + 1}", self.batches, False, disable=None
        )
        for number, (images, targets) in enumerate(progress):
            rate = learning_rate(self.recipe.optimiser, epoch + number / self.batches, self.recipe.epochs)
            set_rate(self.optimiser, rate)
            loss, hits = self._step(images, targets)
            losses += loss
            right += hits
            if (number % CHECK_EVERY == 0 or number + 1 == self.batches) and not math.isfinite(losses.item()):
                raise TrainingDiverged(
                    f"The loss is not finite in epoch {epoch + 1}, by batch {number + 1}; lower optimiser.lr."
                )
        return losses.item() / self.batches, right.item() / self.batches

    def _step(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Learn from one batch: its loss, and the share that was answered right."""
        answers: list[tuple[Tensor, Tensor]] = []

        def forward() -> Tensor:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision.is_half):
                answers.append(self.objective(images, targets))
            return answers[-1][0]

        take_step(self.optimiser, self.network, forward, self.recipe.optimiser.sam_rho)
        self.objective.steps += 1
        if self.average is not None:
            self.average.update_parameters(self.network)
        loss, logits = (value.detach() for value in answers[0])
        true = targets[:, : self.objective.classes].argmax(1)
        return loss, (logits.argmax(1) == true).float().mean()

    def _batches(self, epoch: int, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """The epoch's images (n, c, h, w) in 0..1, in a new order, changed as the recipe says."""
        recipe, data = self.recipe, self.train_data
        plain = epoch >= recipe.epochs - recipe.plain_last_epochs
        order = torch.randperm(len(data), generator=generator).to(data.images.device)
        for start in range(0, self.batches * recipe.batch, recipe.batch):
            chosen = order[start : start + recipe.batch]
            images = data.images[chosen].to(self.device).float() / 255
            targets = data.targets[chosen].to(self.device)
            if plain:
                images = flip(images, generator) if recipe.augmentation.flip else images
                images = random_crop(images, recipe.data.crop, generator)
            else:
                images = augment(images, recipe.augmentation, recipe.data.crop, generator)
                images, targets = blend(images, targets, recipe.augmentation, generator)
            yield images.contiguous(memory_format=self.precision.layout), targets

    def _line(self, record: EpochRecord) -> str:
        left = (self.recipe.epochs - record.epoch) * record.seconds / 60
        speed = self.batches * self.recipe.batch / max(record.seconds, 1e-9)
        return (
            f"epoch {record.epoch}/{self.recipe.epochs}  train loss {record.train_loss:.4f} "
            f"accuracy {record.train_accuracy:.4f}  val loss {record.val_loss:.4f} "
            f"accuracy {record.val_accuracy:.4f}  {speed:.0f} images/s  {left:.0f} min left"
        )


@torch.no_grad()
def measure(
    network: nn.Module, data: ResidentImages, part: DataPart, device: torch.device
) -> tuple[float, float]:
    """Mean cross-entropy and accuracy over whole images, without changes."""
    network.eval()
    loss, right, classes = 0.0, 0, data.targets.shape[1]
    for start in range(0, len(data), EVALUATION_BATCH):
        images = data.images[start : start + EVALUATION_BATCH].to(device).float() / 255
        true = data.targets[start : start + EVALUATION_BATCH].to(device).argmax(1)
        images = ((images - part.mean) / part.std).contiguous(memory_format=torch.channels_last)
        logits = network(images)[:, :classes]
        loss += functional.cross_entropy(logits, true, reduction="sum").item()
        right += int((logits.argmax(1) == true).sum())
    return loss / len(data), right / len(data)


def _fits(images: Tensor, device: torch.device) -> bool:
    """Whether images can stay on the device: half of the free memory is reserved for the training itself."""
    if device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return images.numel() * images.element_size() < free / 2


def _average_of(network: nn.Module, decay: float) -> "torch.optim.swa_utils.AveragedModel | None":
    """An exponential average of weights and batch statistics; young averages forget faster."""
    if not decay:
        return None

    def blended(average: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        keep = min(decay, (1 + float(updates)) / (10 + float(updates)))
        return torch.lerp(current, average, keep) if average.is_floating_point() else current

    return torch.optim.swa_utils.AveragedModel(network, avg_fn=blended, use_buffers=True)

"""The training loop, read top to bottom: one recipe, one data set, one seed.

Everything random in an epoch is drawn from the seed and the epoch's number: on one device a run can be
repeated, and a resumed run gives what an unbroken one gives.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from recognition.data.labelled import LabelledImages
from recognition.errors import RecipeError, TrainingDiverged
from recognition.training.augmentation import augment, flip, random_crop
from recognition.training.checkpoint import Checkpoint
from recognition.training.history import EpochRecord, History
from recognition.training.recipe import OptimiserPart, Recipe

EVALUATION_BATCH = 256
Report = Callable[[str], None]


@dataclass(frozen=True)
class DeviceData:
    """A split as tensors where the training runs: images (n, 1, h, w) uint8, targets (n,)."""

    images: Tensor
    targets: Tensor

    @classmethod
    def of(cls, split: LabelledImages, device: torch.device) -> "DeviceData":
        """Copy a split to the device."""
        images = torch.from_numpy(split.images)[:, None].to(device)
        return cls(images, torch.from_numpy(split.targets).to(device))


class Training:
    """A training in progress; `run()` goes on from the last checkpoint in `out` where it is told to."""

    def __init__(
        self,
        recipe: Recipe,
        network: nn.Module,
        splits: dict[str, LabelledImages],
        out: Path,
        *,
        device: torch.device,
        seed: int,
        report: Report,
    ) -> None:
        self.recipe, self.seed, self.out, self.report = recipe, seed, out, report
        self.device = device
        self.network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = _average_of(self.network, recipe.optimiser.ema)
        self.optimiser = build_optimiser(self.network, recipe.optimiser)
        self.train_data = DeviceData.of(splits[recipe.data.train_split], device)
        self.val_data = DeviceData.of(splits[recipe.data.val_split], device)
        self.batches = len(self.train_data.images) // recipe.batch
        if not self.batches:
            raise RecipeError(
                f"A batch of {recipe.batch} is more than the {len(self.train_data.images)} pictures."
            )
        self.history = History(out)

    @property
    def result(self) -> nn.Module:
        """The net to evaluate and keep: the average of the weights, where the recipe asks for one."""
        return self.network if self.average is None else self.average.module

    def run(self, resume: bool) -> History:
        """Train to the recipe's last epoch, with a checkpoint after each."""
        checkpoint = Checkpoint(self.out)
        first = self._restore(checkpoint.load(self.device)) if resume and checkpoint.exists else 0
        for epoch in range(first, self.recipe.epochs):
            started = monotonic()
            train_loss, train_accuracy = self._train_epoch(epoch)
            val_loss, val_accuracy = measure(self.result, self.val_data)
            record = EpochRecord(
                epoch + 1,
                train_loss,
                train_accuracy,
                val_loss,
                val_accuracy,
                self._rate(epoch + 1.0),
                round(monotonic() - started, 1),
            )
            self.history.add(record)
            checkpoint.save(self._state(epoch + 1))
            self.report(self._line(record))
        return self.history

    def _state(self, epochs_done: int) -> dict[str, Any]:
        """Everything that a resumed run needs."""
        return {
            "epochs_done": epochs_done,
            "seed": self.seed,
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimiser": self.optimiser.state_dict(),
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
        self.history.restore(state["history"])
        return int(state["epochs_done"])

    def _train_epoch(self, epoch: int) -> tuple[float, float]:
        """One pass over the training pictures: mean loss and share of right answers."""
        torch.manual_seed(self.seed * 10_007 + epoch)
        generator = Generator().manual_seed(self.seed * 20_011 + epoch)
        self.network.train()
        losses, right = torch.zeros(()), torch.zeros(())
        # A bar on a terminal, nothing elsewhere.
        progress = tqdm(
            self._batches(epoch, generator), f"epoch {epoch + 1}", self.batches, False, disable=None
        )
        for number, (images, targets) in enumerate(progress):
            for group in self.optimiser.param_groups:
                group["lr"] = self._rate(epoch + number / self.batches)
            logits = self.network(images)
            loss = functional.cross_entropy(logits, targets, label_smoothing=self.recipe.loss.label_smoothing)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            if self.average is not None:
                self.average.update_parameters(self.network)
            losses += loss.detach().cpu()
            right += (logits.detach().argmax(1) == targets).float().mean().cpu()
            if not math.isfinite(losses.item()):
                raise TrainingDiverged(
                    f"The loss is not a number in epoch {epoch + 1}, batch {number + 1}; lower optimiser.lr."
                )
        return losses.item() / self.batches, right.item() / self.batches

    def _batches(self, epoch: int, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """The epoch's pictures in a new order, changed as the recipe says."""
        recipe = self.recipe
        plain = epoch >= recipe.epochs - recipe.plain_last_epochs
        order = torch.randperm(len(self.train_data.images), generator=generator).to(self.device)
        for start in range(0, self.batches * recipe.batch, recipe.batch):
            chosen = order[start : start + recipe.batch]
            images = self.train_data.images[chosen].float() / 255
            if plain:
                images = random_crop(flip(images, generator), recipe.data.crop, generator)
            else:
                images = augment(images, recipe.augmentation, recipe.data.crop, generator)
            yield images.contiguous(memory_format=torch.channels_last), self.train_data.targets[chosen]

    def _rate(self, epoch: float) -> float:
        """The learning rate at a moment, in epochs from the start."""
        part = self.recipe.optimiser
        if part.schedule == "constant":
            return part.lr
        if epoch < part.warmup_epochs:
            return part.lr * max(epoch, 0.02) / part.warmup_epochs
        progress = (epoch - part.warmup_epochs) / max(self.recipe.epochs - part.warmup_epochs, 1e-9)
        cosine = (1 + math.cos(math.pi * min(progress, 1.0))) / 2
        return part.lr * (part.final_share + (1 - part.final_share) * cosine)

    def _line(self, record: EpochRecord) -> str:
        left = (self.recipe.epochs - record.epoch) * record.seconds / 60
        speed = self.batches * self.recipe.batch / max(record.seconds, 1e-9)
        return (
            f"epoch {record.epoch}/{self.recipe.epochs}  train loss {record.train_loss:.4f} "
            f"accuracy {record.train_accuracy:.4f}  val loss {record.val_loss:.4f} "
            f"accuracy {record.val_accuracy:.4f}  {speed:.0f} images/s  {left:.0f} min left"
        )


def build_optimiser(network: nn.Module, part: OptimiserPart) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum, Adam or AdamW; norms and biases are not decayed."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    free = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": part.weight_decay}, {"params": free, "weight_decay": 0.0}]
    if part.kind == "sgd":
        return torch.optim.SGD(groups, lr=part.lr, momentum=part.momentum, nesterov=part.momentum > 0)
    if part.kind == "adam":
        return torch.optim.Adam(groups, lr=part.lr)
    if part.kind == "adamw":
        return torch.optim.AdamW(groups, lr=part.lr)
    raise RecipeError(f"optimiser.kind is {part.kind!r}; choose sgd, adam or adamw.")


@torch.no_grad()
def measure(network: nn.Module, data: DeviceData) -> tuple[float, float]:
    """Mean cross-entropy and accuracy over whole pictures, without changes."""
    network.eval()
    loss, right = 0.0, 0
    for start in range(0, len(data.images), EVALUATION_BATCH):
        images = data.images[start : start + EVALUATION_BATCH].float() / 255
        targets = data.targets[start : start + EVALUATION_BATCH]
        logits = network(images.contiguous(memory_format=torch.channels_last))
        loss += functional.cross_entropy(logits, targets, reduction="sum").item()
        right += int((logits.argmax(1) == targets).sum())
    return loss / len(data.images), right / len(data.images)


def _average_of(network: nn.Module, decay: float) -> "torch.optim.swa_utils.AveragedModel | None":
    """An exponential average of weights and batch statistics; young averages forget faster."""
    if not decay:
        return None

    def blend(average: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        keep = min(decay, (1 + float(updates)) / (10 + float(updates)))
        return torch.lerp(current, average, keep) if average.is_floating_point() else current

    return torch.optim.swa_utils.AveragedModel(network, avg_fn=blend, use_buffers=True)

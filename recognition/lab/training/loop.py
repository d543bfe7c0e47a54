"""The training loop: one recipe, one data set, one seed.

All randomness in an epoch is derived from the seed and the epoch's number: on one device, a run can be
repeated, and a resumed run gives the same result as an uninterrupted one.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Generator, Tensor, nn
from tqdm import tqdm

from recognition.errors import RecipeError, TrainingDiverged
from recognition.folders import default_cache_folder
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.augmentation import augment, blend, flip, random_crop, weakened
from recognition.lab.training.checkpoint import Checkpoint
from recognition.lab.training.choice import Choice, DomainChoice, SplitChoice
from recognition.lab.training.domains import Domain
from recognition.lab.training.history import EpochRecord, History
from recognition.lab.training.losses import Objective, label_weights
from recognition.lab.training.mixture import Mixture
from recognition.lab.training.optimisers import build_optimiser, learning_rate, set_rate, take_step
from recognition.lab.training.precision import Precision, choose_precision
from recognition.lab.training.recipe import AugmentationPart, Recipe
from recognition.lab.training.resident_images import ResidentImages

# Reading the loss synchronizes the GPU, so it is read once in so many batches.
CHECK_EVERY = 20
Report = Callable[[str], None]


class Training:
    """A training run in progress; `run()` resumes from the last checkpoint in `out` if `resume` is set.

    It trains on one split and chooses on another, or on a mixture and its domains; then the result is the
    epoch whose worst domain was best.

    `given` names the parameters that came with earlier weights; `teachers` take images in 0..1.
    """

    def __init__(
        self,
        recipe: Recipe,
        network: nn.Module,
        train: LabelledImages | Mixture,
        val: LabelledImages | Sequence[Domain],
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
        if isinstance(train, Mixture):
            self.train_data = ResidentImages.of_mixture(train)
        else:
            self.train_data = ResidentImages.of(train, device, recipe.loss.auxiliary > 0)
        self.choice: Choice = (
            SplitChoice(ResidentImages.of(val, device, False), recipe, device)
            if isinstance(val, LabelledImages)
            else DomainChoice(val, recipe, device, out)
        )
        count = recipe.mixture.epoch_images if isinstance(train, Mixture) else len(train)
        self.batches = count // recipe.batch
        if not self.batches:
            raise RecipeError(f"A batch of {recipe.batch} is more than the {count} images.")
        self.precision = self._precision(network.to(device))
        self.network = network.to(memory_format=self.precision.layout)
        self.average = _average_of(self.network, recipe.optimiser.ema)
        self.optimiser = build_optimiser(self.network, recipe.optimiser, given)
        counts = self.train_data.targets[:, : len(train.labels)].sum(dim=0)
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
            val_loss, val_accuracy = self.choice.measure(self.result, epoch + 1)
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
            "choice": self.choice.state,
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
        self.choice.state = state.get("choice", {})
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
        true = targets[:, : self.objective.classes]
        known = true.sum(1) > 0
        return loss, (logits.argmax(1) == true.argmax(1))[known].float().mean()

    def _batches(self, epoch: int, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """The epoch's images (n, c, h, w) in 0..1, in a new order, changed as the recipe says."""
        recipe, data = self.recipe, self.train_data
        plain = epoch >= recipe.epochs - recipe.plain_last_epochs
        order = data.order(self.batches * recipe.batch if data.chances is not None else 0, generator)
        order = order.to(data.images.device)
        changes, magnified = self._changes(epoch)
        for start in range(0, self.batches * recipe.batch, recipe.batch):
            chosen = order[start : start + recipe.batch]
            images = data.images[chosen].to(self.device).float() / 255
            targets = data.targets[chosen].to(self.device)
            if plain and not magnified:
                images = flip(images, generator) if recipe.augmentation.flip else images
                images = random_crop(images, recipe.data.crop, generator)
            else:
                images = augment(images, changes, recipe.data.crop, generator, magnified)
                images, targets = blend(images, targets, changes, generator)
            yield images.contiguous(memory_format=self.precision.layout), targets

    def _changes(self, epoch: int) -> tuple[AugmentationPart, float]:
        """The epoch's augmentation, and by how much the crop that serving makes is magnified."""
        mixture = self.recipe.mixture
        if self.train_data.chances is None:
            return self.recipe.augmentation, 0.0
        grown = min(epoch / mixture.growing_epochs, 1.0) if mixture.growing_epochs else 1.0
        factor = mixture.shares_at_start + (1 - mixture.shares_at_start) * grown
        magnified = (1 + mixture.loose_margin) / (1 + mixture.margin)
        return weakened(self.recipe.augmentation, factor), magnified

    def _line(self, record: EpochRecord) -> str:
        left = (self.recipe.epochs - record.epoch) * record.seconds / 60
        speed = self.batches * self.recipe.batch / max(record.seconds, 1e-9)
        return (
            f"epoch {record.epoch}/{self.recipe.epochs}  train loss {record.train_loss:.4f} "
            f"accuracy {record.train_accuracy:.4f}  val loss {record.val_loss:.4f} "
            f"accuracy {record.val_accuracy:.4f}  {speed:.0f} images/s  {left:.0f} min left"
        )


def _average_of(network: nn.Module, decay: float) -> "torch.optim.swa_utils.AveragedModel | None":
    """An exponential average of weights and batch statistics; young averages forget faster."""
    if not decay:
        return None

    def blended(average: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        keep = min(decay, (1 + float(updates)) / (10 + float(updates)))
        return torch.lerp(current, average, keep) if average.is_floating_point() else current

    return torch.optim.swa_utils.AveragedModel(network, avg_fn=blended, use_buffers=True)

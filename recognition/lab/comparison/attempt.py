"""One entrant in its folder: planned, trained, evaluated; each step is saved to a file and not repeated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from recognition.errors import DataError, RecipeError
from recognition.images.files import printable
from recognition.lab.comparison.answers import Answers, answer
from recognition.lab.comparison.entrant import Entrant
from recognition.lab.data.labelled import LabelledImages
from recognition.lab.training.run import train_on
from recognition.lab.training.splits import TrainingData
from recognition.models.cards import Card, load_card

Say = Callable[[str], None]


@dataclass(frozen=True)
class Terms:
    """What is the same for all who are compared; `split` empty is the one that the training chooses on."""

    data: Path
    device: str
    seed: int = 0
    views: str = "1"
    split: str = ""


@dataclass(frozen=True)
class Attempt:
    """An entrant at work in `folder`; `read` gives its images, and is called only where they are needed."""

    entrant: Entrant
    terms: Terms
    folder: Path
    read: Callable[[], TrainingData]
    say: Say

    def keep_plan(self, **more: Any) -> None:
        """Write down what the folder is about; raise RecipeError where it was about something else."""
        plan = {
            "recipe": self.entrant.recipe,
            "data": printable(self.terms.data.resolve().name),
            "seed": self.terms.seed,
            **more,
        }
        file = self.folder / "plan.json"
        written = msgspec.json.format(msgspec.json.encode(plan), indent=2)
        if not file.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(written)
            return
        before = msgspec.json.decode(file.read_bytes())
        changed = [key for key, value in msgspec.json.decode(written).items() if before.get(key) != value]
        if changed:
            raise RecipeError(
                f"{self.folder} was started with another {' and '.join(changed)}; choose another --out."
            )

    def card(self) -> Card:
        """Train, or go on training, unless that is done; raise what `train_on` raises."""
        file = self.folder / f"{self.entrant.name}.json"
        if file.is_file():
            self.say(f"{self.entrant.name} is trained already")
            return load_card(file)
        images = self.read()
        for note in images.notes:
            self.say(note)
        # Before hours of training, not after them.
        self._held_out(images, self.terms.split)
        # Measure only what is requested: other splits with all augmentations would take as long as an epoch.
        return train_on(
            replace(images, others={}),
            self.entrant.recipe,
            self.entrant.name,
            self.entrant.recipe_name,
            self.folder,
            device=self.terms.device,
            seed=self.terms.seed,
            resume=True,
            report=self.say,
            views=(self.terms.views,),
        )

    def answers(self, card: Card, split: str) -> Answers:
        """The written weights' answers on a held-out split; raise DataError where there is no such split."""
        file = self.folder / "answers.npz"
        key = f"{card.sha256} {split} {self.terms.views}"
        found = Answers.load(file, key)
        if found is not None:
            return found
        answers = answer(
            card,
            self.folder,
            self._held_out(self.read(), split),
            key=key,
            views=self.terms.views,
            device=self.terms.device,
            seed=self.terms.seed,
        )
        answers.save(file)
        return answers

    def _held_out(self, images: TrainingData, split: str) -> LabelledImages:
        held_out = {images.val_name: images.val, **images.others}
        if split and split not in held_out:
            known = ", ".join(held_out)
            raise DataError(
                f"{self.terms.data} has no held-out split {split!r}; choose --split among {known}."
            )
        return held_out[split or images.val_name]

"""One complete training run: read, train, evaluate, write."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from recognition.lab.evaluation.test_time_augmentation import TTA
from recognition.lab.export.graph import write_graph
from recognition.lab.training.loop import Training
from recognition.lab.training.mixture import FaceFinder, read_domains, read_mixture
from recognition.lab.training.mixture_result import save_mixture_result
from recognition.lab.training.recipe import Recipe
from recognition.lab.training.result import TrainingFacts, save_result
from recognition.lab.training.splits import TrainingData, read_training_data
from recognition.lab.training.weight_averaging import average_weights, check_weight_interpolation
from recognition.models.cards import Card, load_card
from recognition.networks.loading import build_network, initialise, load_network


def train_from_recipe(
    recipe: Recipe,
    name: str,
    recipe_name: str,
    data: Path,
    out: Path,
    *,
    device: str,
    seed: int,
    resume: bool,
    report: Callable[[str], None],
    views: Sequence[str] = TTA,
) -> Card:
    """Train `recipe` on the data at `data` and write weights, card, graph, history and curves into `out`.

    Raises DataError, RecipeError, TrainingDiverged, WeightsError.
    """
    if recipe.mixture.sources:
        card = train_mixture(
            recipe, name, recipe_name, data, out, device=device, seed=seed, resume=resume, report=report
        )
        write_graph(card, out)
        return card
    images = read_training_data(data, recipe.data, seed, recipe.network.weights)
    for note in images.notes:
        report(note)
    report(f"{len(images.train)} images to train on, {len(images.val)} to choose on")
    card = train_on(
        images,
        recipe,
        name,
        recipe_name,
        out,
        device=device,
        seed=seed,
        resume=resume,
        report=report,
        views=views,
    )
    write_graph(card, out)
    return card


def train_on(
    images: TrainingData,
    recipe: Recipe,
    name: str,
    recipe_name: str,
    out: Path,
    *,
    device: str,
    seed: int,
    resume: bool,
    report: Callable[[str], None],
    views: Sequence[str] = TTA,
) -> Card:
    """Train on images that are read already, and measure in `views`; as `train_from_recipe` otherwise."""
    torch.manual_seed(seed)
    network, given = build_trained_network(recipe, len(images.train.labels), report)
    whole = len(given) == len(list(network.parameters()))
    kept = recipe.network.weight_interpolation
    check_weight_interpolation(kept, has_start=whole)
    start = {name: value.clone() for name, value in network.state_dict().items()} if kept else {}
    training = Training(
        recipe,
        network,
        images.train,
        images.val,
        out,
        device=torch.device(device),
        seed=seed,
        report=report,
        given=given,
        teachers=[_Teacher(Path(file).with_suffix(".json")) for file in recipe.distillation.teachers],
    )
    history = training.run(resume)
    history.draw(out / "curves.png")
    result = training.result
    if kept:
        result.load_state_dict(average_weights(start, result.state_dict(), kept))
    facts = TrainingFacts(
        recipe_name,
        f"{images.name} {images.train_name}",
        seed,
        len(images.train),
        history.seconds,
        device,
    )
    return save_result(name, result, recipe, images, facts, out, views)


def train_mixture(
    recipe: Recipe,
    name: str,
    recipe_name: str,
    data: Path,
    out: Path,
    *,
    device: str,
    seed: int,
    resume: bool,
    report: Callable[[str], None],
    finder: FaceFinder | None = None,
) -> Card:
    """Train on the recipe's mixture and keep the epoch that is best in its worst domain.

    Otherwise as `train_from_recipe`.
    """
    finder = finder or FaceFinder()
    train = read_mixture(data, recipe, seed, finder)
    domains = read_domains(data, recipe.mixture, recipe.data.size_px, finder)
    for note in train.notes:
        report(note)
    report(f"{len(train)} images to train on, {len(domains)} domains to choose on")
    torch.manual_seed(seed)
    network, given = build_trained_network(recipe, len(train.labels), report)
    training = Training(
        recipe,
        network,
        train,
        domains,
        out,
        device=torch.device(device),
        seed=seed,
        report=report,
        given=given,
    )
    history = training.run(resume)
    history.draw(out / "curves.png")
    training.choice.load_best(training.result)
    whole_domains = read_domains(data, recipe.mixture, recipe.data.size_px, finder, whole=True)
    names = " and ".join(source.name for source in recipe.mixture.sources)
    facts = TrainingFacts(recipe_name, names, seed, len(train), history.seconds, device)
    return save_mixture_result(name, training.result, recipe, whole_domains, facts, out)


def build_trained_network(
    recipe: Recipe, labels: int, report: Callable[[str], None]
) -> tuple[nn.Module, frozenset[str]]:
    """Build a recipe's network for so many labels; also name the parameters that had weights."""
    part = recipe.network
    network = build_network(part.architecture, **network_arguments(recipe, labels))
    if not part.weights:
        return network, frozenset()
    given = initialise(network, part.architecture, part.weights)
    total = len(list(network.parameters()))
    report(f"{len(given)} of {total} parameters start from the weights of {part.weights}")
    return network, given


def network_arguments(recipe: Recipe, classes: int) -> dict[str, object]:
    """All arguments of a recipe's network."""
    return {"classes": classes, "channels": recipe.data.channels, **recipe.network.arguments}


class _Teacher(nn.Module):
    """A card's network to learn from; it takes images in 0..1 and answers for the card's labels."""

    def __init__(self, card_file: Path) -> None:
        super().__init__()
        card = load_card(card_file)
        self.network = load_network(card, card_file.parent)
        self.mean, self.std, self.classes = card.input.mean, card.input.std, len(card.labels)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network((images - self.mean) / self.std)
        return logits[:, : self.classes]

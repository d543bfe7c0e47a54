"""From a trained net to what is served: half-precision weights, measured after rounding, with their card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from recognition.cards import Card, CardInput, CardTraining, Evaluation, file_sha256, save_card
from recognition.data.labelled import LabelledImages
from recognition.data.folder import Split, select_labels
from recognition.evaluation.classification import evaluate_logits
from recognition.evaluation.metrics import fit_temperature, uncertain_threshold
from recognition.evaluation.views import VIEWS, view_logits
from recognition.labels import LABEL_SETS, FloatArray, label_sets_of, softmax
from recognition.networks.loading import FromPixels
from recognition.training.recipe import Recipe

# What the site uses: one look at each crop.
SERVED_VIEWS = "1"
LICENCE = (
    "Weights: AGPL-3.0-or-later like the program. Trained on FER2013, Kaggle competition data for research: "
    "check its terms before any other use."
)
LIMITS = (
    "Names what an expression looks like to the people who labelled FER2013; it does not read feelings.",
    "Figures are for the data named; webcam faces, side views and covered faces fare worse.",
    "FER2013's labels are noisy: people who rated its pictures agreed with them on about 65 %.",
    "FER2013 does not say who is pictured: differences between groups of people are not measured.",
    "fer5 answers come from the same net: disgust and fear are left out and the rest renormalised.",
)


@dataclass(frozen=True)
class TrainingFacts:
    """What a card tells about its training, beside the recipe."""

    recipe_name: str
    data_name: str
    seed: int
    images: int
    seconds: float
    device: str


def save_result(
    name: str,
    network: nn.Module,
    recipe: Recipe,
    held_out: LabelledImages,
    facts: TrainingFacts,
    folder: Path,
) -> Card:
    """Write `<name>.safetensors` and its card into `folder`; figures are of the rounded weights."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {key: _rounded(tensor) for key, tensor in network.state_dict().items() if _is_kept(key)}
    weights = folder / f"{name}.safetensors"
    save_file(state, weights)
    network.load_state_dict({key: tensor.float() for key, tensor in state.items()}, strict=False)
    side_px = held_out.images.shape[1]
    card = Card(
        name=name,
        title=recipe.title,
        task="emotion",
        architecture=recipe.network.architecture,
        arguments=recipe.network.arguments,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        sha256=file_sha256(weights),
        input=CardInput(height=side_px, width=side_px, channels=1),
        labels=held_out.labels,
        training=CardTraining(
            facts.recipe_name,
            facts.data_name,
            facts.seed,
            recipe.epochs,
            facts.images,
            round(facts.seconds),
            facts.device,
        ),
        limits=LIMITS,
        licence=LICENCE,
        **_measured(network, recipe, held_out),
    )
    save_card(card, folder)
    return card


def _measured(network: nn.Module, recipe: Recipe, held_out: LabelledImages) -> dict[str, Any]:
    """Temperature, threshold and evaluations of a net on the split that choices are made on."""
    plain = CardInput(height=held_out.images.shape[1], width=held_out.images.shape[2], channels=1)
    pixels_net = FromPixels(network, plain)
    logits = {views: view_logits(pixels_net, held_out.images, views, torch.device("cpu")) for views in VIEWS}
    temperature = fit_temperature(logits[SERVED_VIEWS], held_out.targets)
    calibrated = softmax(logits[SERVED_VIEWS], temperature)
    return {
        "temperature": round(temperature, 4),
        "temperature_views": SERVED_VIEWS,
        "thresholds": {"uncertain": uncertain_threshold(calibrated, held_out.targets)},
        "evaluations": tuple(_evaluations(logits, temperature, recipe.data.val_split, held_out)),
    }


def _evaluations(
    logits: dict[str, FloatArray], temperature: float, split_name: str, held_out: LabelledImages
) -> list[Evaluation]:
    """Accuracy by label set and views, each with its interval."""
    evaluations = []
    for label_set in label_sets_of(held_out.labels):
        split: Split = select_labels(split_name, held_out, LABEL_SETS[label_set])
        kept = [label in LABEL_SETS[label_set] for label in held_out.labels]
        chosen = torch.tensor(kept)[torch.from_numpy(held_out.targets)].numpy()
        for views, values in logits.items():
            report = evaluate_logits(values[chosen], held_out.labels, temperature, split)
            evaluations.append(
                Evaluation(
                    data="FER2013",
                    split=split_name,
                    n=report["n"],
                    views=views,
                    metric=f"accuracy {label_set}",
                    value=round(report["accuracy"], 4),
                    ci95=(round(report["ci95"][0], 4), round(report["ci95"][1], 4)),
                )
            )
    return evaluations


def _is_kept(key: str) -> bool:
    # The count of batches seen serves training alone.
    return not key.endswith("num_batches_tracked")


def _rounded(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", torch.float16).contiguous()

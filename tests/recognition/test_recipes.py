"""The recipes that ship: each reads, names a network that exists, and the network takes its images."""

import tomllib
from pathlib import Path

import pytest
import torch

from recognition.lab.training.recipe import Recipe, find_recipe, list_recipes, load_recipe
from recognition.models.architectures import ARCHITECTURES
from recognition.models.cards import TASKS
from recognition.networks.loading import build_network

CLASSES = 7
PAPER = [name for name in list_recipes() if name.startswith("paper/")]
# What the documents state, recipe by recipe: epochs, batch, side in pixels, channels.
STATED = {
    "my_model": (45, 64, 48, 1),
    "cbam_resnet": (300, 64, 48, 1),
    "hand_signs": (None, None, 32, 1),
    "resnet152_fer": (None, None, 48, 1),
    "scenes_alexnet": (25, 100, 300, 3),
    "scenes_vgg19": (30, 64, 224, 3),
    "scenes_resnet152": (30, 64, 224, 3),
    "scenes_convnext": (30, 64, 224, 3),
    "places_lenet5": (None, None, 128, 3),
    "places_alexnet": (None, None, 256, 3),
    "places_vgg16": (None, None, 256, 3),
    "places_resnet50": (None, None, 256, 3),
    "places_bknet": (None, None, 256, 3),
}
COMPARED_ON_FER2013 = [
    "fer_alexnet",
    "fer_vgg19",
    "fer_resnet152",
    "fer_convnext",
    "my_model",
    "cbam_resnet",
]


def paper(name: str) -> Recipe:
    return load_recipe(find_recipe(f"paper/{name}"))


@pytest.mark.parametrize("name", list_recipes())
def test_every_shipped_recipe_builds_a_network_for_its_images(name: str) -> None:
    recipe = load_recipe(find_recipe(name))
    data, head = recipe.data, recipe.network.arguments.get("auxiliary_classes", 0)

    assert recipe.network.architecture in ARCHITECTURES
    assert recipe.task in TASKS
    assert 0 < data.crop <= data.size_px
    # Shapes alone: the largest networks cost neither memory nor time so.
    with torch.device("meta"):
        network = build_network(
            recipe.network.architecture, classes=CLASSES, channels=data.channels, **recipe.network.arguments
        ).eval()
        for side_px in {data.crop, data.size_px}:
            answer = network(torch.zeros(2, data.channels, side_px, side_px))
            assert answer.shape == (2, CLASSES + head)


@pytest.mark.parametrize("name", list_recipes())
def test_every_shipped_recipe_says_first_what_it_is(name: str) -> None:
    text = find_recipe(name).read_text("utf-8")

    assert text.startswith("# ")
    assert tomllib.loads(text)["title"]


@pytest.mark.parametrize("name", STATED)
def test_a_paper_recipe_keeps_what_its_document_states(name: str) -> None:
    recipe = paper(name)
    found = (recipe.epochs, recipe.batch, recipe.data.size_px, recipe.data.channels)

    assert all(stated in (None, value) for stated, value in zip(STATED[name], found, strict=True)), found


def test_my_model_is_trained_as_document_1_says() -> None:
    recipe = paper("my_model")

    assert (recipe.optimiser.kind, recipe.optimiser.lr, recipe.optimiser.schedule) == (
        "adam",
        1e-3,
        "constant",
    )
    assert (recipe.augmentation.flip, recipe.augmentation.rotate_deg) == (True, 10.0)
    assert (recipe.data.mean, recipe.data.std) == (0.5, 0.5)


def test_cbam_resnet_is_trained_as_document_5_says() -> None:
    recipe = paper("cbam_resnet")

    assert recipe.data.crop == 44
    assert (recipe.loss.kind, recipe.loss.margin) == ("a_softmax", 4)
    assert recipe.network.arguments == {"attention_order": "channel_first", "head": "angular"}


@pytest.mark.parametrize("name", ["scenes_alexnet", "scenes_vgg19", "scenes_resnet152", "scenes_convnext"])
def test_scenes_are_trained_as_document_3_says(name: str) -> None:
    recipe = paper(name)

    assert (recipe.optimiser.kind, recipe.optimiser.lr) == ("adam", 1e-4)
    assert recipe.augmentation.vertical_flip
    assert recipe.data.crop < recipe.data.size_px
    assert recipe.network.weights == ("" if name == "scenes_alexnet" else "published")


def test_the_networks_that_are_compared_on_fer2013_see_the_same_images() -> None:
    recipes = [paper(name) for name in COMPARED_ON_FER2013]

    assert {(r.data.size_px, r.data.channels, r.task, r.network.weights) for r in recipes} == {
        (48, 1, "emotion", "")
    }
    assert len({r.network.architecture for r in recipes}) == len(recipes)


def test_every_paper_recipe_is_known_to_these_tests() -> None:
    assert {name.removeprefix("paper/") for name in PAPER} == {*STATED, *COMPARED_ON_FER2013}


def test_earlier_runs_are_named_as_their_own_recipes_write_them() -> None:
    recipes = [load_recipe(find_recipe(name)) for name in list_recipes()]
    named = {Path(file) for recipe in recipes for file in recipe.distillation.teachers}
    named |= {Path(recipe.network.weights) for recipe in recipes if recipe.network.weights}

    runs = {file for file in named if file.parts[0] == "runs"}
    assert len(runs) >= 4
    assert runs <= {Path("runs", name, f"{name}.safetensors") for name in map(_stem, list_recipes())}


def _stem(recipe: str) -> str:
    return recipe.rpartition("/")[2]

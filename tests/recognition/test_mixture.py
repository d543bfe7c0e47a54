"""Training on several data sets of expressions at once, on folders made here."""

import csv
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
import torch

from recognition.errors import DataError, RecipeError
from recognition.lab.data.face_crops import centered_boxes, cut_out
from recognition.lab.data.ferplus import COUNT_COLUMNS
from recognition.lab.training.domains import Domain, DomainFigures, shortfall
from recognition.lab.training.mixture import FaceFinder, Mixture, chances, read_domains, read_mixture
from recognition.lab.training.mixture_result import is_fitted_on
from recognition.lab.training.recipe import (
    DomainPart,
    MixturePart,
    Recipe,
    SourcePart,
    find_recipe,
    load_recipe,
)
from recognition.lab.training.resident_images import ResidentImages
from recognition.lab.training.run import train_mixture
from recognition.models.cards import Card, load_card
from recognition.models.tasks import LABEL_SETS
from recognition.networks.loading import load_network
from recognition.types import FloatArray, UInt8Array

pytestmark = pytest.mark.usefixtures("one_thread")

FER7, FERPLUS8 = LABEL_SETS["fer7"], LABEL_SETS["ferplus8"]

RECIPE = """
title = "Tiny mixture"
epochs = 2
batch = 8
precision = "fp32"
[network]
architecture = "light_resnet"
[network.arguments]
stem = 8
widths = [8, 8, 8]
auxiliary_classes = 8
[data]
size_px = 32
crop = 32
channels = 3
[mixture]
epoch_images = 24
kept_px = 40
[[mixture.sources]]
name = "fer2013"
share = 0.5
size_px = 48
[[mixture.sources]]
name = "web"
share = 0.5
crop = "picture"
size_px = 48
[[mixture.domains]]
name = "gray"
source = "fer2013"
split = "PublicTest"
size_px = 48
wanted = 0.5
[[mixture.domains]]
name = "eight"
source = "web"
split = "val"
crop = "picture"
label_set = "ferplus8"
change = "dark"
size_px = 48
wanted = 0.5
[augmentation]
affine = 1.0
dark = 0.5
[loss]
auxiliary = 1.0
[optimiser]
kind = "adamw"
lr = 0.01
schedule = "constant"
warmup_epochs = 0.5
ema = 0.9
"""


class MiddleFinder(FaceFinder):
    """Finds every face in the middle of its image, without a detector."""

    margin = 0.0

    def __init__(self) -> None:
        pass

    def __call__(self, images: UInt8Array) -> FloatArray:
        return centered_boxes(len(images), 1.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """FER2013 with votes, two for neutral to each one for fear, and a folder of labels beside it."""
    random = np.random.default_rng(0)
    (tmp_path / "fer2013").mkdir()
    with (
        (tmp_path / "fer2013" / "fer2013.csv").open("w", newline="") as images,
        (tmp_path / "fer2013" / "fer2013new.csv").open("w", newline="") as votes,
    ):
        pixels, counts = csv.writer(images), csv.writer(votes)
        pixels.writerow(["emotion", "pixels", "Usage"])
        counts.writerow(["Usage", *COUNT_COLUMNS])
        for usage in ("Training", "PublicTest"):
            for number in range(14):
                pixels.writerow([number % 7, " ".join(map(str, random.integers(0, 256, 48 * 48))), usage])
                counts.writerow([usage, 6, 0, 0, 0, 0, 0, 3, 0, 0, 1])
    for split in ("train", "val"):
        for label in FERPLUS8:
            folder = tmp_path / "web" / split / label
            folder.mkdir(parents=True)
            for number in range(2):
                cv2.imwrite(str(folder / f"{number}.png"), random.integers(0, 256, (48, 48, 3), np.uint8))
    return tmp_path


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    file = tmp_path / "tiny.toml"
    file.write_text(RECIPE)
    return load_recipe(file)


def train(recipe: Recipe, data: Path, out: Path, *, resume: bool = False) -> Card:
    return train_mixture(
        recipe,
        "mixed",
        "tiny",
        data,
        out,
        device="cpu",
        seed=1,
        resume=resume,
        report=lambda line: None,
        finder=MiddleFinder(),
    )


def test_votes_teach_one_head_and_contempt_says_nothing_to_the_other(data: Path, recipe: Recipe) -> None:
    mixture = read_mixture(data, recipe, 0, MiddleFinder())
    gray, color = mixture.targets[:14], mixture.targets[14:]

    assert gray[:, :7].argmax(axis=1).tolist() == [number % 7 for number in range(14)]
    np.testing.assert_allclose(gray[:, 7:], [[6 / 9, 0, 0, 0, 0, 0, 3 / 9, 0]] * 14, atol=1e-6)
    is_contempt = color[:, 7 + FERPLUS8.index("contempt")] == 1
    assert is_contempt.sum() == 2
    assert color[:, :7].sum(axis=1).tolist() == [float(not contempt) for contempt in is_contempt]


def test_each_source_is_drawn_by_its_share(data: Path, recipe: Recipe) -> None:
    mixture = read_mixture(data, recipe, 0, MiddleFinder())

    assert mixture.images.shape == (14 + 16, 40, 40, 3)
    assert mixture.chances[:14].sum() == pytest.approx(0.5)
    assert mixture.chances.sum() == pytest.approx(1)


def test_a_teacher_is_a_share_of_the_targets_of_the_heads_that_have_any(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = np.concatenate([np.full((16, 7), 1 / 7), np.full((16, 8), 1 / 8)], axis=1)
    monkeypatch.setattr("recognition.lab.training.mixture.stored_answers", lambda file, cut: even)
    gray, web = recipe.mixture.sources
    taught = msgspec.structs.replace(web, teachers=("teacher.json",), teacher_share=0.25)
    mixture = msgspec.structs.replace(recipe.mixture, sources=(gray, taught))

    targets = read_mixture(data, msgspec.structs.replace(recipe, mixture=mixture), 0, MiddleFinder()).targets

    assert np.unique(targets[14:, 7:].round(4)).tolist() == pytest.approx(
        [0.25 / 8, 0.75 + 0.25 / 8], abs=1e-3
    )
    is_contempt = targets[14:, 7 + FERPLUS8.index("contempt")] > 0.5
    assert not targets[14:, :7][is_contempt].any()


def test_shares_that_do_not_add_up_are_refused(data: Path, recipe: Recipe) -> None:
    mixture = msgspec.structs.replace(recipe.mixture, sources=(SourcePart("web", 0.5),))

    with pytest.raises(RecipeError, match="add up"):
        read_mixture(data, msgspec.structs.replace(recipe, mixture=mixture), 0, MiddleFinder())


def test_a_label_that_is_no_expression_is_refused(data: Path, recipe: Recipe) -> None:
    (data / "web" / "train" / "contempt").rename(data / "web" / "train" / "tired")
    (data / "web" / "val" / "contempt").rename(data / "web" / "val" / "tired")

    with pytest.raises(DataError, match="tired"):
        read_mixture(data, recipe, 0, MiddleFinder())


def test_rare_labels_are_drawn_more_often_by_the_power_of_their_count() -> None:
    targets = np.array([0] * 16 + [1])

    assert chances(targets, 0.0) == pytest.approx([1 / 17] * 17)
    drawn = chances(targets, 0.5)
    assert drawn[16] / drawn[0] == pytest.approx(4)
    assert drawn.sum() == pytest.approx(1)


def test_an_epoch_draws_each_image_as_often_as_its_chance_says() -> None:
    images = np.zeros((4, 8, 8, 3), np.uint8)
    mixture = Mixture(images, np.zeros((4, 15), np.float32), np.array([0.5, 0.25, 0.24, 0.01]))

    order = ResidentImages.of_mixture(mixture).order(100, torch.Generator().manual_seed(0))

    counts = torch.bincount(order, minlength=4).tolist()
    assert counts == pytest.approx([50, 25, 24, 1], abs=1)
    assert order.tolist() != sorted(order.tolist())


def test_a_dark_domain_is_dark_and_a_tight_one_shows_less(data: Path) -> None:
    def images(change: str) -> UInt8Array:
        part = DomainPart("a", "web", "val", 0.5, "picture", change, size_px=48)  # type: ignore[arg-type]
        (domain,) = read_domains(data, MixturePart(domains=(part,)), 32, MiddleFinder())
        assert len(domain.targets) == 14  # without contempt
        return domain.images

    plain = images("none")
    assert plain.mean() > 100
    assert images("dark").mean() == pytest.approx(40, abs=2)
    assert images("soft").std() < plain.std() / 2
    # Whole squares of 30 and 22 pixels are scaled to one size: the smaller is smoother.
    assert (
        np.abs(np.diff(images("tight").astype(int), axis=1)).mean()
        < 0.9 * np.abs(np.diff(plain.astype(int), axis=1)).mean()
    )


def test_a_cut_around_a_centered_box_is_the_middle_of_the_image() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)

    (middle,) = cut_out(image[None], centered_boxes(1, 1.0), 0.0, 20)

    np.testing.assert_array_equal(middle, image[10:30, 10:30])


def test_the_worst_domain_is_the_one_that_falls_shortest_of_what_is_wanted() -> None:
    def domain(wanted: float) -> Domain:
        nothing = np.zeros((0, 8, 8, 3), np.uint8)
        part = DomainPart("a", "web", "val", wanted)
        return Domain(part, nothing, np.zeros(0, np.int64), np.zeros(0, np.str_))

    figures = [DomainFigures(accuracy, 0, 0, 0) for accuracy in (0.7, 0.6)]

    assert shortfall([domain(0.8), domain(0.5)], figures) == pytest.approx(0.1)


def test_figures_of_a_domain_follow_from_its_answers() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]], np.float32)
    figures = DomainFigures.of(probabilities, np.array([0, 0, 1, 1]))

    assert figures.accuracy == pytest.approx(0.75)
    assert figures.macro_recall == pytest.approx((1 + 0.5) / 2)
    assert figures.overconfidence == pytest.approx(0.0)


def test_a_name_is_always_in_the_same_half() -> None:
    names = np.array([f"happy/{number}.webp" for number in range(400)])
    half = is_fitted_on(names)

    assert 150 < half.sum() < 250
    assert (is_fitted_on(names[::-1]) == half[::-1]).all()


def test_a_mixture_trains_to_a_card_with_both_heads_and_a_resumed_run_ends_alike(
    data: Path, recipe: Recipe, tmp_path: Path
) -> None:
    card = train(recipe, data, tmp_path / "whole")
    train(msgspec.structs.replace(recipe, epochs=1), data, tmp_path / "again")
    again = train(recipe, data, tmp_path / "again", resume=True)

    assert load_card(tmp_path / "whole" / "mixed.json") == card
    assert [head.labels for head in card.heads] == [FER7, FERPLUS8]
    assert (card.input.channels, card.input.height, card.input.margin) == (3, 32, 0.25)
    assert load_network(card, tmp_path / "whole")(torch.rand(1, 3, 32, 32)).shape == (1, 15)
    assert {(one.data, one.split) for one in card.evaluations} == {
        ("fer2013", "PublicTest"),
        ("web", "val, dark"),
    }
    rows = list(csv.DictReader((tmp_path / "whole" / "domains.csv").read_text().splitlines()))
    assert [(row["epoch"], row["domain"]) for row in rows] == [
        ("1", "gray"),
        ("1", "eight"),
        ("2", "gray"),
        ("2", "eight"),
    ]
    assert again.sha256 == card.sha256


def test_the_recipe_of_the_light_network_trains_it() -> None:
    recipe = load_recipe(find_recipe("best/expression_light"))

    assert sum(source.share for source in recipe.mixture.sources) == 1
    assert recipe.network.arguments["auxiliary_classes"] == len(FERPLUS8)
    assert {domain.change for domain in recipe.mixture.domains} == {"none", "dark", "soft", "tight"}

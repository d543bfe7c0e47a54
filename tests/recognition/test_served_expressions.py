"""The served models of expressions, on a part of the images that their cards' figures are of."""

from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from recognition.classification import open_classifier
from recognition.folders import default_weights_folder
from recognition.models.cards import Card
from recognition.models.tasks import LABEL_SETS
from recognition.served_models import ServedModels
from tests.recognition.fer2013_tiles import published

SAMPLE = 500
EMOTIONS = ServedModels.read(default_weights_folder()).primary


@pytest.mark.parametrize("card", EMOTIONS, ids=lambda card: card.name)
def test_500_images_are_named_as_well_as_the_card_says(card: Card, tiles: Path) -> None:
    split = published(tiles, "PublicTest")[0]
    chosen = split.at(np.random.default_rng(0).permutation(len(split))[:SAMPLE])
    classifier = open_classifier(card, default_weights_folder(), "cpu")

    answers = classifier.classify(chosen.images)[:, : len(card.labels)].argmax(1)

    true = np.array([card.labels.index(LABEL_SETS["fer7"][target]) for target in chosen.targets])
    accuracy = (answers == true).mean()
    (recorded,) = [
        evaluation.value
        for evaluation in card.evaluations
        if (evaluation.split, evaluation.views, evaluation.metric) == ("PublicTest", "1", "accuracy fer7")
    ]
    assert abs(accuracy - recorded) < 3 * sqrt(recorded * (1 - recorded) / SAMPLE)

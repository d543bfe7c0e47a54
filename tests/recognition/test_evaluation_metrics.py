"""Metrics against scikit-learn called apart, against values by hand, and properties that always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, f1_score, precision_recall_curve, precision_score, recall_score

from recognition.lab.evaluation.metrics import (
    FloatArray,
    Targets,
    calibration_error,
    calibration_error_by_chance,
    halved_calibration_error,
    reliability,
    risk_coverage,
    summarise,
    uncertain_threshold,
    worst_mistakes,
)
from recognition.models.labels import softmax

LABELS = tuple("abcdefg")


def random_answers(seed: int, n: int, labels: int = len(LABELS)) -> tuple[FloatArray, Targets]:
    """Probabilities that lean towards the right answer, with confidences that occur more than once."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, labels, n)
    logits = random.normal(0, 1.5, (n, labels)).round(1)
    logits[np.arange(n), targets] += 1
    return softmax(logits.astype(np.float32)), targets


some_answers = st.builds(
    random_answers, st.integers(0, 1000), st.integers(1, 60), st.integers(2, len(LABELS))
)


def test_the_summary_agrees_with_scikit_learn_called_apart() -> None:
    probabilities, targets = random_answers(0, 500)
    answers = np.argmax(probabilities, axis=1)

    report = summarise(probabilities, targets, LABELS, left_out=0)

    assert report["accuracy"] == pytest.approx(accuracy_score(targets, answers))
    assert report["macro_precision"] == pytest.approx(precision_score(targets, answers, average="macro"))
    assert report["macro_recall"] == pytest.approx(recall_score(targets, answers, average="macro"))
    assert report["macro_f1"] == pytest.approx(f1_score(targets, answers, average="macro"))
    assert np.sum(report["confusion"], axis=1).tolist() == np.bincount(targets).tolist()


def test_a_label_without_an_image_is_named_and_counts_in_no_macro_figure() -> None:
    probabilities, targets = random_answers(0, 200, labels=3)
    without = np.zeros((200, 1), np.float32)

    report = summarise(np.hstack([probabilities, without]), targets, tuple("abcd"), left_out=0)
    alone = summarise(probabilities, targets, tuple("abc"), left_out=0)

    assert (report["labels_without_images"], alone["labels_without_images"]) == (["d"], [])
    for figure in ("accuracy", "macro_precision", "macro_recall", "macro_f1"):
        assert report[figure] == alone[figure]


@pytest.mark.parametrize("k", [2, 5])
def test_top_k_counts_right_labels_among_the_k_most_probable(k: int) -> None:
    random = np.random.default_rng(5)
    probabilities = softmax(random.normal(0, 1, (300, 7)).astype(np.float32))
    targets = random.integers(0, 7, 300)
    among = [target in np.argsort(-row)[:k] for row, target in zip(probabilities, targets, strict=True)]

    assert summarise(probabilities, targets, LABELS, 0)[f"top{k}"] == pytest.approx(np.mean(among))


@pytest.mark.parametrize(
    ("labels", "tops"), [(2, set()), (3, {"top2"}), (5, {"top2"}), (6, {"top2", "top5"})]
)
def test_top_k_stands_only_where_it_says_something(labels: int, tops: set[str]) -> None:
    report = summarise(*random_answers(0, 20, labels), LABELS[:labels], 0)

    assert {name for name in report if name.startswith("top")} == tops


def test_by_chance_the_calibration_error_is_the_binomials_mean_deviation() -> None:
    # 400 answers, each of confidence .7, lie in one bin: its error is the distance of the accuracy from .7.
    probabilities = np.tile(np.array([0.3, 0.7], np.float32), (400, 1))
    right = np.arange(401)
    expected = float((binom.pmf(right, 400, 0.7) * np.abs(right / 400 - 0.7)).sum())

    assert calibration_error_by_chance(probabilities) == pytest.approx(expected, rel=0.2)
    assert calibration_error_by_chance(np.eye(3, dtype=np.float32)) == 0


def test_what_calibration_mends_leaves_a_halved_error_of_chance_alone() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(0, 2, (4000, 7)).astype(np.float32)
    ends = softmax(logits, 1.0).cumsum(axis=1)
    targets = (ends <= generator.random((4000, 1)) * ends[:, -1:]).sum(axis=1)

    error, chance = halved_calibration_error(logits * 3, targets)
    assert calibration_error(softmax(logits * 3, 1.0), targets) > 0.15
    assert error == pytest.approx(chance, abs=0.006)


def test_what_no_calibration_mends_stays_in_the_halved_error() -> None:
    # The less confident half is always right, the other half of the time, and their order is kept.
    logits = np.zeros((400, 2), np.float32)
    logits[:200, 0], logits[200:, 0] = 0.5, 2.0
    targets = np.zeros(400, np.int64)
    targets[200:300] = 1

    error, chance = halved_calibration_error(logits, targets)
    assert error > 0.2 > 4 * chance


def test_the_risk_coverage_curve_of_four_answers_is_the_one_by_hand() -> None:
    # Confidence .9 right, .8 wrong, .7 twice, right and wrong: kept 1, 2 and 4 of 4 with 0, 1 and 2 wrong.
    probabilities = np.array([[0.7, 0.3], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8]], np.float32)

    curve = risk_coverage(probabilities, np.array([0, 0, 0, 0]))

    assert curve.confidence == pytest.approx([0.9, 0.8, 0.7])
    assert curve.coverage == pytest.approx([0.25, 0.5, 1])
    assert curve.risk == pytest.approx([0, 0.5, 0.5])


def test_the_risk_is_one_less_scikit_learns_precision_of_the_kept_answers() -> None:
    probabilities, targets = random_answers(1, 400)
    right = probabilities.argmax(axis=1) == targets

    precision, _, thresholds = precision_recall_curve(right, probabilities.max(axis=1))
    curve = risk_coverage(probabilities, targets)

    assert curve.confidence[::-1] == pytest.approx(thresholds)
    assert 1 - curve.risk[::-1] == pytest.approx(precision[:-1])


@settings(max_examples=60, deadline=None)
@given(some_answers)
def test_the_curve_ends_with_all_answers_and_the_share_of_wrong_ones(
    answers: tuple[FloatArray, Targets],
) -> None:
    probabilities, targets = answers

    curve = risk_coverage(probabilities, targets)
    report = summarise(probabilities, targets, LABELS[: probabilities.shape[1]], 0)

    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(1 - report["accuracy"])
    assert (np.diff(curve.coverage) > 0).all()
    assert (np.diff(curve.confidence) < 0).all()
    assert len(report["risk_coverage"]["risk"]) <= 100
    assert report["risk_coverage"]["coverage"][-1] == 1


@settings(max_examples=60, deadline=None)
@given(some_answers, st.sampled_from([0.5, 0.8, 0.95]))
def test_answers_over_the_threshold_are_right_often_enough_and_none_lower_would_do(
    answers: tuple[FloatArray, Targets], right_share: float
) -> None:
    probabilities, targets = answers
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets

    threshold = uncertain_threshold(probabilities, targets, right_share)

    def often_enough(hundredth: int) -> bool:
        kept = right[confidence.astype(np.float64) >= hundredth / 100]
        return bool(kept.size and kept.mean() >= right_share - 1e-12)

    assert threshold == 1 or often_enough(round(threshold * 100))
    assert not any(often_enough(lower) for lower in range(round(threshold * 100)))


def test_a_model_that_is_right_often_enough_is_never_uncertain() -> None:
    probabilities = np.array([[0.6, 0.4]] * 5, np.float32)

    assert uncertain_threshold(probabilities, np.array([0, 0, 0, 0, 1])) == 0
    assert uncertain_threshold(probabilities, np.array([1, 1, 1, 1, 1])) == 1


def test_reliability_agrees_with_scikit_learns_calibration_curve() -> None:
    probabilities, targets = random_answers(2, 600)
    right = probabilities.argmax(axis=1) == targets

    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=15)
    bins = reliability(probabilities, targets)

    assert bins.accuracy == pytest.approx(accuracy)
    assert bins.confidence == pytest.approx(confidence)
    assert bins.share.sum() == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(some_answers)
def test_the_calibration_error_is_a_share_at_most(answers: tuple[FloatArray, Targets]) -> None:
    assert 0 <= calibration_error(*answers) <= 1


def test_the_worst_mistakes_are_the_surest_wrong_answers() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.95, 0.05]], np.float32)
    targets = np.array([1, 0, 0, 0])

    assert worst_mistakes(probabilities, targets, 2).tolist() == [0, 1]
    assert worst_mistakes(probabilities, targets, 9).tolist() == [0, 1, 2]

"""A summary in words: what is mostly, what is a tie, who is counted, and what is too short to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from emoweb.history.summaries import FaceSummary, SessionSummary
from emoweb.history.words import face_words, most_frequent, summary_words
from emoweb.measurements.tallies import Share, Tally, shares_of, split_short
from emoweb.measurements.words import appearances, duration, percent
from emoweb.recordings.models import Session
from emoweb.templatetags.expressions import expression
from tests.emoweb.recorded import Visitor, add_samples
from tests.emoweb.test_history_pages import text_of

SESSION = Session(model="se_resnet", label_set="fer7")
MANY = {f"label_{number}": 1 for number in range(9)}


def seen(first: int, last: int, face: int = 1, uncertain: float = 0.0, **labels: int) -> FaceSummary:
    """Return a face in view from `first` to `last`; `labels` are seconds, Happy all the time by default."""
    labels = labels or {"happy": last - first + 1}
    seconds = sum(labels.values())
    return FaceSummary(face, first, last, seconds, 0.59, uncertain, shares(labels))


def shares(seconds_of: Mapping[str, int]) -> tuple[Share, ...]:
    """Return the shares of labels seen for so many seconds."""
    return shares_of({label: Tally(seconds, 0.5 * seconds) for label, seconds in seconds_of.items()})


def summary_of(*faces: FaceSummary, uncertain: float = 0.0, **labels: int) -> SessionSummary:
    """Return a session's summary."""
    last = max(face.last for face in faces)
    labels = labels or {"happy": sum(face.seconds for face in faces)}
    return SessionSummary(faces, shares(labels), sum(labels.values()), 0.59, uncertain, last)


@pytest.mark.parametrize(
    ("seconds_of", "words"),
    [
        ({"happy": 64, "neutral": 18, "sad": 18}, "Most: Happy (64%), then Neutral and Sad (18% each)."),
        ({"happy": 64, "neutral": 26, "sad": 10}, "Most: Happy (64%), then Neutral (26%)."),
        ({"happy": 35, "neutral": 35, "sad": 30}, "Mosts: Happy and Neutral (35% each), then Sad (30%)."),
        # 35.1% and 34.9% are both written 35%: a reader sees a tie.
        ({"happy": 351, "neutral": 349, "sad": 300}, "Mosts: Happy and Neutral (35% each), then Sad (30%)."),
        ({"happy": 1, "sad": 1}, "Mosts: Happy and Sad (50% each)."),
        ({"happy": 1, "sad": 1, "fear": 1}, "Mosts: Fear, Happy and Sad (33% each)."),
        ({"happy": 9}, "Only expression: Happy."),
        ({"happy": 999, "sad": 1}, "Most: Happy (100%), then Sad (<1%)."),
        (MANY, "Mosts: Label 0, Label 1, Label 2 and 6 more (11% each)."),
    ],
)  # fmt: skip
def test_the_most_frequent_are_named_and_ties_are_ties(seconds_of: Mapping[str, int], words: str) -> None:
    sentence = most_frequent(shares(seconds_of), expression)
    assert sentence.replace("Most frequent expression", "Most") == words


@pytest.mark.parametrize(
    ("seconds_of", "words"),
    [
        ({"happy": 75, "sad": 25}, "Face 1 mostly showed Happy (75%)."),
        ({"happy": 51, "sad": 49}, "Face 1 mostly showed Happy (51%)."),
        ({"happy": 503, "sad": 300, "fear": 197}, "Face 1 most often showed Happy (50%)."),
        ({"happy": 42, "sad": 30, "fear": 28}, "Face 1 most often showed Happy (42%)."),
        (
            {"happy": 35, "neutral": 35, "sad": 30},
            "Face 1 showed Happy and Neutral equally often (35% each).",
        ),
        ({"happy": 503, "sad": 497}, "Face 1 showed Happy and Sad equally often (50% each)."),
        ({"happy": 4}, "Face 1 mostly showed Happy (100%)."),
    ],
)
def test_mostly_is_more_than_half(seconds_of: Mapping[str, int], words: str) -> None:
    assert face_words(seen(0, 9, **seconds_of), expression) == words


def test_a_face_that_was_mostly_uncertain_showed_no_expression_mostly() -> None:
    assert face_words(seen(0, 9, uncertain=0.8), expression) == "Face 1 was mostly uncertain (80%)."


@given(st.dictionaries(st.sampled_from(["happy", "sad", "fear", "angry"]), st.integers(1, 300), min_size=1))
def test_mostly_is_never_said_of_a_half_or_of_two(seconds_of: dict[str, int]) -> None:
    words = face_words(seen(0, 9, **seconds_of), expression)
    leading = sorted((round(100 * share.fraction) for share in shares(seconds_of)), reverse=True)
    assert ("mostly" in words) == (leading[0] > 50)
    assert ("equally" in words) == (leading[:1] == leading[1:2])


TOGETHER = (seen(0, 30, 1), seen(5, 57, 2))
APART = (seen(0, 20, 1), seen(21, 57, 3))
FRAGMENTS = (seen(3, 4, 4), seen(40, 40, 5))


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        (TOGETHER[:1], "1 face"),
        (TOGETHER, "2 faces"),
        (APART, "2 appearances"),  # perhaps one person, before and after a cut
        ((*TOGETHER, seen(50, 57, 3)), "3 appearances"),
        ((*TOGETHER, *FRAGMENTS), "2 faces and 2 short appearances"),
        ((*APART, FRAGMENTS[0]), "2 appearances and 1 short appearance"),
        (FRAGMENTS, "2 appearances"),  # nothing longer to be a fragment beside
        # Both have the second of a cut.
        ((seen(0, 20, 1), seen(20, 57, 3)), "2 appearances"),
        ((), "0 faces"),
    ],
)
def test_faces_are_counted_where_they_are_known_to_be_different(
    faces: Sequence[FaceSummary], words: str
) -> None:
    assert appearances(faces) == words


def test_short_appearances_are_folded_and_both_kinds_are_in_order_of_number() -> None:
    long, short = split_short([seen(9, 11, 7), seen(0, 1, 5), seen(0, 9, 3), seen(4, 4, 1)])
    assert [face.face for face in long] == [3, 7]
    assert [face.face for face in short] == [1, 5]


def test_a_session_in_words() -> None:
    summary = summary_of(*TOGETHER, happy=64, neutral=18, sad=18, uncertain=0.36)
    assert summary_words(SESSION, summary, expression) == [
        "2 faces in 58 s.",
        "Most frequent expression: Happy (64%), then Neutral and Sad (18% each).",
        "Face 1 mostly showed Happy (100%).",
        "Face 2 mostly showed Happy (100%).",
        "Average confidence 59%; uncertain 36% of the time.",
    ]


def test_a_session_whose_results_are_all_uncertain_names_no_expression() -> None:
    summary = summary_of(*TOGETHER, uncertain=1.0)
    assert summary_words(SESSION, summary, expression) == [
        "2 faces in 58 s.",
        "All results were uncertain, so none is named.",
        "Average confidence 59%; uncertain 100% of the time.",
    ]


def test_one_face_for_one_second_in_words() -> None:
    assert summary_words(SESSION, summary_of(seen(0, 0)), expression) == [
        "1 face in 1 s.",
        "Only expression: Happy.",
        "Average confidence 59%; uncertain 0% of the time.",
    ]


def test_a_session_of_nothing_has_no_words() -> None:
    assert summary_words(SESSION, SessionSummary(), expression) == []


def test_of_many_faces_those_seen_longest_are_described_in_order_of_number() -> None:
    summary = summary_of(*(seen(0, 5 + length, face) for face, length in enumerate([1, 9, 3, 8, 7, 2], 1)))
    described = [words for words in summary_words(SESSION, summary, expression) if "mostly" in words]
    assert [words[:6] for words in described] == ["Face 2", "Face 3", "Face 4", "Face 5"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (245, "4 min 5 s"),
        (3723, "1 h 2 min"),
        (7205, "2 h"),
    ],
)
def test_a_duration_has_units(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("fraction", "text"), [(0, "0%"), (0.004, "<1%"), (0.5, "50%"), (1, "100%")])
def test_a_fraction_is_a_percentage_and_what_is_seldom_is_not_zero(fraction: float, text: str) -> None:
    assert percent(fraction) == text


def test_vietnamese_has_its_own_words() -> None:
    with translation.override("vi"):
        words = " ".join(summary_words(SESSION, summary_of(*APART, *FRAGMENTS, happy=5, sad=5), expression))
    assert "2 lần xuất hiện" in words
    assert "and" not in words


@pytest.mark.django_db
def test_every_page_folds_the_same_fragments(alice: Visitor) -> None:
    session = alice.record(["happy"] * 10, title="Rehearsal")
    add_samples(session, ["sad"] * 10, face=2, first_second=10)
    add_samples(session, ["fear"] * 2, face=4, first_second=12)
    add_samples(session, ["angry"], face=3, first_second=14)
    page = text_of(alice.browser.get(session.get_absolute_url()))
    assert page.count("2 appearances and 2 short appearances") == 2  # the head and the words
    assert page.index("Face 1 From") < page.index("Face 2 From") < page.index("Short appearances")
    assert page.index("3 0:14–0:14 Angry 100% 0:01") < page.index("4 0:12–0:13 Fear 100% 0:02")
    assert "Face 3 From" not in page
    assert "2 appearances and 2 short appearances" in text_of(alice.browser.get("/history/"))
    compared = text_of(alice.browser.get(f"/history/compare/?a={session.pk}&b={session.pk}"))
    assert compared.count("2 appearances and 2 short appearances") == 2


@pytest.mark.django_db
def test_appearances_too_many_to_draw_are_listed_and_not_called_short(alice: Visitor) -> None:
    session = alice.record(["happy"] * 12)
    for face in range(2, 11):
        add_samples(session, ["sad"] * 5, face=face)
    add_samples(session, ["fear"], face=11)
    page = text_of(alice.browser.get(session.get_absolute_url()))
    others, short = page.split("Other appearances")[1].split("Short appearances")[:2]
    assert "9 0:00–0:04 Sad 100% 0:05" in others
    assert "10 0:00–0:04 Sad 100% 0:05" in others
    assert "11 0:00–0:00 Fear 100% 0:01" in short


@pytest.mark.django_db
def test_a_list_row_of_uncertain_results_names_no_expression(alice: Visitor) -> None:
    session = alice.record(["happy"] * 4)
    session.samples.update(confidence=0.3)
    page = text_of(alice.browser.get("/history/"))
    assert "All results were uncertain" in page
    assert "Happy" not in page

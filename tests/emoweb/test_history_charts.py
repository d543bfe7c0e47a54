"""Steps, ribbons and columns: many seconds become a small drawing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb.history.timelines import stretches
from emoweb.measurements.charts import ribbon, stacked_columns
from emoweb.measurements.tallies import Tally, shares_of
from emoweb.measurements.timelines import STEPS_S, Cells, Timeline, step_for

DAY = 24 * 60 * 60


def second_of(label: str, seconds: int = 1) -> dict[str, Tally]:
    """Return a step in which one label was seen, with full confidence."""
    return {label: Tally(seconds, float(seconds))}


def timeline_of(cells: Cells, step: int = 1) -> Timeline:
    """Return face 1's timeline."""
    return Timeline(step, (max(cells) + 1) * step, {1: cells})


@pytest.mark.parametrize(
    ("length_s", "most", "step"),
    [
        (1, 24, 1),
        (24, 24, 1),
        (25, 24, 5),
        (10_800, 240, 60),
        (86_400 * 24, 24, 86_400),
        (86_400 * 25, 24, 172_800),
    ],
)
def test_a_step_is_the_shortest_that_is_few_enough(length_s: int, most: int, step: int) -> None:
    assert step_for(length_s, most) == step


@given(length_s=st.integers(1, 10**8), most=st.integers(1, 500))
def test_steps_always_cover_the_length(length_s: int, most: int) -> None:
    assert step_for(length_s, most) * most >= length_s


def test_each_step_divides_the_next() -> None:
    assert all(longer % shorter == 0 for shorter, longer in pairwise(STEPS_S))


def test_a_ribbon_joins_neighbours_and_keeps_gaps() -> None:
    line = timeline_of(
        {0: second_of("happy"), 1: second_of("happy"), 3: second_of("happy"), 4: second_of("sad")}
    )
    chart = ribbon(line, 1)
    assert chart.width == 5
    assert chart.paths == {"happy": "M0 0h2v100h-2zM3 0h1v100h-1z", "sad": "M4 0h1v100h-1z"}


def test_columns_divide_their_height_by_share() -> None:
    chart = stacked_columns(timeline_of({0: second_of("happy", 3) | second_of("sad", 1)}), 1)
    assert chart.paths == {"happy": "M0 0h1v75h-1z", "sad": "M0 75h1v25h-1z"}


def test_a_table_joins_steps_and_names_the_longest_expression() -> None:
    cells = {number: second_of("happy" if number % 5 < 3 else "sad") for number in range(100)}
    rows = stretches(timeline_of(cells), 1)
    assert [(row.start, row.end, row.labels) for row in rows[:2]] == [(0, 5, ("happy",)), (5, 10, ("happy",))]
    assert len(rows) == 20


def test_a_table_names_all_expressions_that_were_seen_equally_long() -> None:
    cells = {number: {**second_of("sad", 2), **second_of("happy", 2)} for number in range(2)}
    rows = stretches(timeline_of(cells, step=5), 1)
    assert [(row.labels, row.confidence) for row in rows] == [(("happy", "sad"), 1.0)] * 2


def test_a_table_leaves_out_the_time_a_face_was_away() -> None:
    rows = stretches(timeline_of({0: second_of("happy"), 5: second_of("sad")}), 1)
    assert [row.start for row in rows] == [0, 5]


@given(st.dictionaries(st.sampled_from(["happy", "sad", "fear"]), st.integers(1, 9999), min_size=1))
def test_shares_are_sorted_and_add_up_to_one(seconds_of: dict[str, int]) -> None:
    shares = shares_of({label: Tally(seconds, 0.5 * seconds) for label, seconds in seconds_of.items()})
    assert sum(share.fraction for share in shares) == pytest.approx(1)
    assert [share.seconds for share in shares] == sorted(seconds_of.values(), reverse=True)
    assert {share.confidence for share in shares} == {0.5}

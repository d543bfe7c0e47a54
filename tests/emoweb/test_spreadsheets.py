"""Text that somebody wrote is no formula in a spreadsheet, and is there again when the file is read."""

from __future__ import annotations

import ast
import csv
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emoweb.spreadsheets import cell, csv_text
from tests.rules.sources import python_files

VECTORS = json.loads(Path(__file__).parents[1].joinpath("csv_cells.json").read_text("utf-8"))
# Only numbers that the program itself computes go into these files.
NUMBERS_ALONE = {"recognition/lab/training/choice.py", "recognition/lab/training/history.py"}
RISKY = st.text(st.sampled_from("=+-@＝\t\r\n '\"“\u200b0.5ax;,"), max_size=8)


def original(written: str) -> str:
    """Return the text of a cell as docs/security.md documents it."""
    rest = written.removeprefix("'")
    return rest if rest != written and cell(rest) != rest else written


@pytest.mark.parametrize("vector", VECTORS["cells"], ids=lambda vector: vector["why"])
def test_a_cell_is_written_as_the_shared_vectors_say(vector: dict[str, str]) -> None:
    assert cell(vector["value"]) == vector["written"]
    assert original(vector["written"]) == vector["value"]


def test_both_languages_look_past_the_same_characters_for_a_sign() -> None:
    skipped = [code for code in range(0x110000) if cell(f"{chr(code)}=") != f"{chr(code)}="]
    gaps = [index for index, (a, b) in enumerate(pairwise(skipped), 1) if b != a + 1]
    bounds = pairwise([0, *gaps, len(skipped)])
    assert [[skipped[first], skipped[end - 1]] for first, end in bounds] == VECTORS["skipped"]


@pytest.mark.parametrize("number", [-0.5, -1, 0, 1e-5, float("-inf"), True, None])
def test_a_number_stays_a_number(number: Any) -> None:
    assert cell(number) is number


@given(st.lists(st.lists(st.text() | RISKY, min_size=2, max_size=4), max_size=4))
@example([["=1", "'=1"], ["\r", "'\r"]])
def test_every_text_survives_a_round_trip(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(csv_text(rows), newline=""))
    assert [[original(text) for text in row] for row in read] == rows


@given(RISKY)
def test_no_written_text_starts_like_a_formula(text: str) -> None:
    written = cell(text)
    try:
        float(written)
    except ValueError:
        assert not written.lstrip('\ufeff\u200b "“').startswith(tuple("=+-@＝\t\r\n"))


def test_every_csv_is_written_by_this_function(project: Path) -> None:
    writing = {
        path.relative_to(project).as_posix()
        for folder in ("emoweb", "recognition")
        for path in python_files(project / folder)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"csv.writer", "csv.DictWriter"}
    }
    assert writing == {"emoweb/spreadsheets.py"} | NUMBERS_ALONE

"""The checker of words finds them in prose and in names, and its exceptions are real."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tools import check_words

WORDS = ("anew", "film", "films", "how sure", "told", "waiting_room", "Crowd")


def found_in(line: str) -> list[str]:
    return [found.word for found in check_words.occurrences("a file", line, WORDS)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Load the page anew.", ["anew"]),
        ("Anew, please", ["Anew"]),
        ("def told_as_json(film_id):", ["told", "film"]),
        ("class FilmRefused(Exception):", ["Film"]),
        ("ANSWERS_TOLD = 3", ["TOLD"]),
        ("how sure the model is", ["how sure"]),
        ("room = WaitingRoom(waiting_room)", ["WaitingRoom", "waiting_room"]),
        ("bus.Crowd(viewers=1)", ["Crowd"]),
    ],
)
def test_a_word_is_found_alone_and_within_names(line: str, words: list[str]) -> None:
    assert found_in(line) == words


@pytest.mark.parametrize("line", ["renewal", "filmstrip is a word of its own", "a crowd of faces", "untold"])
def test_other_words_that_contain_it_are_fine(line: str) -> None:
    assert found_in(line) == []


def test_every_word_has_a_replacement_and_every_exception_a_reason(project: Path) -> None:
    rules = tomllib.loads((project / "tools" / "words.toml").read_text("utf-8"))
    assert all(rules["words"].values())
    assert all(entry["reason"] for entry in rules["exceptions"])


def test_the_linters_run_it(project: Path) -> None:
    assert "tools/check_words.py" in (project / "tools" / "lint").read_text("utf-8")

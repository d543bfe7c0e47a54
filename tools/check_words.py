"""Finds the words of words.toml in the files that git tracks; exit code 1 where there are any."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LIST = PROJECT / "tools" / "words.toml"


@dataclass(frozen=True)
class Found:
    """A word in a line of a file."""

    file: str
    number: int
    line: str
    word: str


@dataclass(frozen=True)
class Exempt:
    """Lines that may keep a word; `reason` says why."""

    file: str
    line: str
    reason: str

    def covers(self, found: Found) -> bool:
        """Return whether the found word may stay."""
        return fnmatch(found.file, self.file) and self.line in found.line


def pattern_of(words: Sequence[str]) -> re.Pattern[str]:
    """Match the words alone, and as parts of snake_case and CamelCase names; `Word` within names only."""
    names = "|".join(re.escape(word.title().replace("_", "").replace(" ", "")) for word in words)
    alone = "|".join(re.escape(word) for word in words if word.islower())
    return re.compile(rf"(?<![a-zA-Z])(?i:{alone})(?![a-zA-Z])|(?:{names})(?![a-z])")


def occurrences(file: str, text: str, words: Sequence[str]) -> Iterator[Found]:
    """Yield each of the words in a file's text."""
    pattern = pattern_of(words)
    for number, line in enumerate(text.splitlines(), 1):
        for match in pattern.finditer(line):
            yield Found(file, number, line, match.group())


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every tracked file; what is not UTF-8 is no text."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True).stdout
    for name in names.decode().split("\0"):
        path = PROJECT / name
        if not name or not path.is_file():
            continue
        try:
            yield name, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def main() -> int:
    """Print what was found and which exceptions are stale; return the exit code."""
    rules = tomllib.loads(LIST.read_text("utf-8"))
    words: dict[str, str] = rules["words"]
    exempt = [Exempt(**entry) for entry in rules["exceptions"]]
    found = [one for file, text in tracked_texts() for one in occurrences(file, text, list(words))]
    unused = [entry for entry in exempt if not any(entry.covers(one) for one in found)]
    wrong = [one for one in found if not any(entry.covers(one) for entry in exempt)]
    for one in wrong:
        instead = words.get(one.word.lower(), "see tools/words.toml")
        print(f"{one.file}:{one.number}: {one.word!r}: write {instead}: {one.line.strip()[:100]}")
    for entry in unused:
        print(f"tools/words.toml: no line needs the exception for {entry.file}: {entry.line!r}")
    return 1 if wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())

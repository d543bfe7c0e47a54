"""CSV files whose text no spreadsheet program evaluates as a formula; static/js/lib/csv.js is the twin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

# Programs skip different things before the sign: control and format characters, spaces, quotes.
_SKIPPED: Final = (
    r"\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    r"\"'`\xab\xb4\xbb\u2018-\u201f\u2039\u203a\uff02\uff07"
)
_FORMULA: Final = re.compile(rf"[{_SKIPPED}]*[\t\r\n=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; text that looks like a formula gets an apostrophe prefix, see `cell`."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: object) -> object:
    """Return a value's text; text that looks like a formula gets an apostrophe prefix.

    Numbers stay numbers, also those written as text. An apostrophe whose rest looks like a formula is
    always one that was added here, so a reader can remove it again.
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value

"""Everything the site says is said in Vietnamese too."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

KEYWORDS = {"gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


@pytest.fixture(scope="module")
def vietnamese(project: Path) -> Catalog:
    """The Vietnamese catalogue."""
    with (project / "locale" / "vi" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale="vi")


def messages_of(catalogue: Catalog) -> list[Message]:
    """Return the messages without the header."""
    return [message for message in catalogue if message.id]


def first(text: str | tuple[str, ...] | list[str] | None) -> str:
    """Return a message's only or first form."""
    return (text if isinstance(text, str) else text[0]) if text else ""


def said_in(code: str) -> Iterator[str]:
    """Give every text that a piece of Python passes to gettext."""
    for _, _, texts, _ in extract_python(io.BytesIO(code.encode()), KEYWORDS, [], {"encoding": "utf-8"}):
        text = first(texts)
        if text:
            yield text


def test_nothing_is_left_untranslated(vietnamese: Catalog) -> None:
    assert len(messages_of(vietnamese)) > 100
    assert [first(message.id) for message in messages_of(vietnamese) if not first(message.string)] == []


def test_no_translation_is_a_guess(vietnamese: Catalog) -> None:
    assert [message.id for message in messages_of(vietnamese) if message.fuzzy] == []


def test_every_translation_keeps_its_placeholders(vietnamese: Catalog) -> None:
    for message in messages_of(vietnamese):
        translations = message.string if isinstance(message.string, tuple | list) else [message.string]
        wanted = set(PLACEHOLDER.findall(first(message.id)))
        assert all(set(PLACEHOLDER.findall(text or "")) == wanted for text in translations), message.id


def test_all_that_pages_and_code_say_is_in_the_catalogue(vietnamese: Catalog, project: Path) -> None:
    known = {first(message.id) for message in messages_of(vietnamese)}
    said = {
        text: path
        for path in sorted((project / "emoweb").rglob("*.py"))
        for text in said_in(path.read_text("utf-8"))
    } | {
        text: path
        for path in sorted((project / "templates").rglob("*.html"))
        for text in said_in(templatize(path.read_text("utf-8")))
    }
    assert len(said) > 100
    assert {text: str(path) for text, path in said.items() if text not in known} == {}


def test_the_catalogue_compiles(vietnamese: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, vietnamese)
    assert compiled.getvalue()[:4] == b"\xde\x12\x04\x95"

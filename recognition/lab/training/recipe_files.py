"""Reads the commented TOML files that describe trainings: recipes of networks and detectors, and chains."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

import msgspec

from recognition.errors import RecipeError

T = TypeVar("T", bound=msgspec.Struct)

RECIPES_FOLDER = Path(__file__).parent.parent / "recipes"

UNKNOWN_KEY = re.compile(r"unknown field `(?P<key>[^`]*)`(?: - at `\$\.?(?P<place>[^`]*)`)?")


@dataclass(frozen=True)
class RecipeFiles(Generic[T]):
    """One kind of TOML file: the structure of its content, and the folders under `recipes/` that hold it."""

    noun: str
    content: type[T]
    folders: tuple[str, ...]

    def names(self) -> list[str]:
        """Return the name of every file that ships, sorted (`best/se_resnet`)."""
        return sorted(
            f"{folder}/{file.stem}"
            for folder in self.folders
            for file in (RECIPES_FOLDER / folder).glob("*.toml")
        )

    def find(self, name: str) -> Path:
        """Return a file by its path, or by its name under `recipes/`; raise RecipeError."""
        if Path(name).is_file():
            return Path(name)
        if name not in self.names():
            raise RecipeError(
                f"There is no {self.noun} {name!r}; choose one of {', '.join(self.names())}, or pass a file."
            )
        return RECIPES_FOLDER / f"{name}.toml"

    def load(self, file: Path, overrides: tuple[str, ...] = ()) -> T:
        """Read a file and apply `key=value` overrides (`optimiser.lr=0.05`); values are written as in TOML.

        Raises RecipeError, for an unknown key with the nearest one that exists.
        """
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RecipeError(f"{file} cannot be read as TOML: {error}.") from error
        for override in overrides:
            _apply(content, override)
        try:
            return msgspec.convert(content, self.content)
        except msgspec.ValidationError as error:
            raise RecipeError(f"{file}: {_explained(str(error), self.content)}") from error


def _explained(message: str, content: type[msgspec.Struct]) -> str:
    """Add the nearest key that exists to a message about one that does not."""
    found = UNKNOWN_KEY.search(message)
    if not found:
        return f"{message}."
    place = re.sub(r"\[[^]]*\]", "", found["place"] or "")
    key = f"{place}.{found['key']}".lstrip(".")
    nearest = get_close_matches(key, list(_keys(content)), 1)
    return f"there is no key {key!r}" + (f"; did you mean {nearest[0]!r}?" if nearest else ".")


def _keys(content: Any, place: str = "") -> Iterator[str]:
    """Yield every key of a structure with its place, such as `optimiser.lr`."""
    if not (isinstance(content, type) and issubclass(content, msgspec.Struct)):
        for inner in get_args(content):
            yield from _keys(inner, place)
        return
    for field in msgspec.structs.fields(content):
        key = f"{place}.{field.encode_name}".lstrip(".")
        yield key
        yield from _keys(field.type, key)


def _apply(content: dict[str, Any], override: str) -> None:
    """Set one `section.key=value` in the parsed content."""
    key, separator, text = override.partition("=")
    *sections, last = key.strip().split(".")
    if not separator or not last:
        raise RecipeError(f"--set takes KEY=VALUE, such as epochs=10, not {override!r}.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    target = content
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise RecipeError(f"--set {override}: {section} is a value, not a section.")
    target[last] = value

"""The places that the model knows: names, where they are, and a few sentences, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, TypedDict

import msgspec

_FILE: Final = Path(__file__).parent / "places.json"


class InLanguages(msgspec.Struct, frozen=True):
    """One text in English and Vietnamese."""

    en: str
    vi: str

    def in_language(self, language: str) -> str:
        """Return the text in `language`, in English where there is no translation."""
        return self.vi if language == "vi" else self.en


class Place(msgspec.Struct, frozen=True):
    """A place by its label; degrees north and east."""

    label: str
    name: InLanguages
    where: InLanguages
    latitude: float
    longitude: float
    about: InLanguages

    @property
    def map_address(self) -> str:
        """The place on OpenStreetMap."""
        at = f"{self.latitude}/{self.longitude}"
        marker = f"mlat={self.latitude}&mlon={self.longitude}"
        return f"https://www.openstreetmap.org/?{marker}#map=16/{at}"


class ShownPlace(TypedDict):
    """A place as the page's script gets it; `other_name` is its name in the other language."""

    name: str
    other_name: str
    where: str
    latitude: float
    longitude: float
    about: str
    map: str


@cache
def places() -> tuple[Place, ...]:
    """Return every place of the data file, in its order."""
    return tuple(msgspec.json.decode(_FILE.read_bytes(), type=list[Place]))


def places_in(language: str) -> dict[str, ShownPlace]:
    """Return the places by label, in a language."""
    other = "en" if language == "vi" else "vi"
    return {
        place.label: {
            "name": place.name.in_language(language),
            "other_name": place.name.in_language(other),
            "where": place.where.in_language(language),
            "latitude": place.latitude,
            "longitude": place.longitude,
            "about": place.about.in_language(language),
            "map": place.map_address,
        }
        for place in places()
    }

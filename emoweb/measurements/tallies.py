"""How many seconds each label was shown, and how confidently; which appearances are short. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeVar

SHORT_BELOW_S: Final = 3


class Appearance(Protocol):
    """A face id's time in view: a person who left the frame, or a cut, may have two."""

    @property
    def face(self) -> int:
        """The id."""

    @property
    def seconds(self) -> int:
        """The duration of the appearance."""

    @property
    def first(self) -> int:
        """The second of the first result."""

    @property
    def last(self) -> int:
        """The second of the last result."""


SomeAppearance = TypeVar("SomeAppearance", bound=Appearance)


@dataclass(frozen=True, slots=True)
class Share:
    """One expression's part of the time; `fraction` and `confidence` (the mean) are 0..1."""

    label: str
    seconds: int
    fraction: float
    confidence: float


class Tally(NamedTuple):
    """The number of a label's seconds, the sum of their confidences, and the number of uncertain ones."""

    seconds: int
    confidence_sum: float
    unsure: int = 0

    @property
    def confidence(self) -> float:
        """The mean confidence; at least one second must have been counted."""
        return self.confidence_sum / self.seconds

    @property
    def uncertain(self) -> float:
        """The part of the seconds that were uncertain; at least one must have been counted."""
        return self.unsure / self.seconds

    def plus(self, other: Tally) -> Tally:
        """Return the sum of both."""
        return Tally(
            self.seconds + other.seconds,
            self.confidence_sum + other.confidence_sum,
            self.unsure + other.unsure,
        )


NOTHING = Tally(0, 0.0)


def split_short(
    faces: Iterable[SomeAppearance],
) -> tuple[tuple[SomeAppearance, ...], tuple[SomeAppearance, ...]]:
    """Return the appearances of at least 3 s and the short ones, both in order of number.

    Where none is that long, none is short: an appearance is only short relative to a longer one.
    """
    in_order = sorted(faces, key=lambda face: face.face)
    long = tuple(face for face in in_order if face.seconds >= SHORT_BELOW_S)
    if not long:
        return tuple(in_order), ()
    return long, tuple(face for face in in_order if face.seconds < SHORT_BELOW_S)


def shares_of(tallies: Mapping[str, Tally]) -> tuple[Share, ...]:
    """Return each label's part of all seconds, the longest first."""
    total = sum(tally.seconds for tally in tallies.values())
    shares = [
        Share(label, tally.seconds, tally.seconds / total, tally.confidence)
        for label, tally in tallies.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.seconds, share.label)))


def total_of(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of all tallies."""
    total = NOTHING
    for tally in tallies:
        total = total.plus(tally)
    return total

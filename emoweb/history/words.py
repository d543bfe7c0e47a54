"""A summary as sentences: the number of faces, and their expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emoweb.history.subjects import is_frame_level, unknown_label
from emoweb.history.summaries import FaceSummary, SessionSummary
from emoweb.measurements.tallies import Share
from emoweb.measurements.words import appearances, duration, enumeration, percent
from emoweb.recordings.models import Session

MOST_NAMED: Final = 4  # labels in a tie
MOST_DESCRIBED: Final = 4  # faces

Namer = Callable[[str], str]


def summary_words(session: Session, summary: SessionSummary, name_of: Namer) -> list[str]:
    """Return a summary's sentences; none without results. `name_of` returns a label's name."""
    if not summary.faces:
        return []
    frame_level = is_frame_level(session)
    sentences = [] if frame_level else [_count_words(session, summary)]
    if names_nothing(session, summary):
        sentences.append(_("All results were uncertain, so none is named."))
    else:
        sentences.append(most_frequent(summary.shares, name_of, frame_level=frame_level))
        sentences.extend(face_words(face, name_of) for face in _described(summary))
    sentences.append(confidence_words(summary))
    if 0.5 < summary.uncertain < 1 and unknown_label(session) is None:
        sentences.append(_("More than half of the results were uncertain: interpret them with care."))
    return sentences


def names_nothing(session: Session, summary: SessionSummary) -> bool:
    """Whether every result was uncertain and not shown as unknown, so that no label may represent them."""
    return summary.uncertain == 1 and unknown_label(session) is None


def confidence_words(summary: SessionSummary) -> str:
    """Return how confident the model was."""
    return _("Average confidence %(confidence)s; uncertain %(uncertain)s of the time.") % {
        "confidence": percent(summary.confidence),
        "uncertain": percent(summary.uncertain),
    }


def most_frequent(shares: Sequence[Share], name_of: Namer, *, frame_level: bool = False) -> str:
    """Return the sentence of what was shown most, and what second most; there must be a share."""
    first, *others = _ranks(shares)
    if not others and len(first) == 1:
        only = _("Only result: %(name)s.") if frame_level else _("Only expression: %(name)s.")
        return only % {"name": name_of(first[0].label)}
    ranked = _rank_words(first, name_of)
    if others:
        ranked = _("%(first)s, then %(second)s") % {
            "first": ranked,
            "second": _rank_words(others[0], name_of),
        }
    if frame_level:
        sentence = ngettext(
            "Most frequent result: %(ranked)s.", "Most frequent results: %(ranked)s.", len(first)
        )
    else:
        sentence = ngettext(
            "Most frequent expression: %(ranked)s.", "Most frequent expressions: %(ranked)s.", len(first)
        )
    return sentence % {"ranked": ranked}


def face_words(face: FaceSummary, name_of: Namer) -> str:
    """Return one face's sentence: "mostly" means more than half, also after rounding."""
    if _percents(face.uncertain) > 50:
        words = _("Face %(number)d was mostly uncertain (%(share)s).")
        return words % {"number": face.face, "share": percent(face.uncertain)}
    first = _ranks(face.shares)[0]
    share = first[0].fraction
    if len(first) > 1:
        words = _("Face %(number)d showed %(names)s equally often (%(share)s each).")
    elif _percents(share) > 50:
        words = _("Face %(number)d mostly showed %(names)s (%(share)s).")
    else:
        words = _("Face %(number)d most often showed %(names)s (%(share)s).")
    return words % {"number": face.face, "names": _names(first, name_of), "share": percent(share)}


def _count_words(session: Session, summary: SessionSummary) -> str:
    length = max(int(session.length.total_seconds()), summary.last + 1)
    counted = {"appearances": appearances(summary.faces), "duration": duration(length)}
    return _("%(appearances)s in %(duration)s.") % counted


def _described(summary: SessionSummary) -> list[FaceSummary]:
    """Return the faces that get a sentence each; a single one is covered by the summary."""
    longest = nlargest(MOST_DESCRIBED, summary.long, key=lambda face: face.seconds)
    return sorted(longest, key=lambda face: face.face) if len(longest) > 1 else []


def _percents(fraction: float) -> int:
    return round(100 * fraction)


def _ranks(shares: Iterable[Share]) -> list[list[Share]]:
    """Group the shares that are equal as rounded percentages, the largest first."""
    groups = groupby(shares, key=lambda share: _percents(share.fraction))
    return [list(equal) for _percent, equal in groups]


def _rank_words(rank: Sequence[Share], name_of: Namer) -> str:
    words = _("%(names)s (%(share)s each)") if len(rank) > 1 else _("%(names)s (%(share)s)")
    return words % {"names": _names(rank, name_of), "share": percent(rank[0].fraction)}


def _names(rank: Sequence[Share], name_of: Namer) -> str:
    names = [name_of(share.label) for share in rank]
    if len(names) > MOST_NAMED:
        names, rest = names[: MOST_NAMED - 1], len(names) - MOST_NAMED + 1
        names.append(ngettext("%(count)d more", "%(count)d more", rest) % {"count": rest})
    return enumeration(names)

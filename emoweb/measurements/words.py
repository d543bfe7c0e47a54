"""Times, fractions and appearances in words, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emoweb.measurements.tallies import Appearance, split_short


def clock(seconds: int | timedelta) -> str:
    """Write seconds as 4:05 or 1:02:03."""
    total = int(seconds.total_seconds()) if isinstance(seconds, timedelta) else int(seconds)
    hours, rest = divmod(total, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def duration(seconds: int) -> str:
    """Write seconds as 58 s, 4 min 5 s or 1 h 2 min."""
    hours, rest = divmod(seconds, 3600)
    minutes, second = divmod(rest, 60)
    if hours:
        units = ((hours, _("%(count)d h")), (minutes, _("%(count)d min")))
    else:
        units = ((minutes, _("%(count)d min")), (second, _("%(count)d s")))
    parts = [unit % {"count": count} for count, unit in units if count]
    return " ".join(parts) or _("%(count)d s") % {"count": 0}


def percent(fraction: float, digits: int = 0) -> str:
    """Write a fraction of 0..1 as a percentage in the visitor's number format; what is seldom is not 0%."""
    rounded = round(100 * fraction, digits)
    if rounded == 0 < fraction:
        return f"<{number_format(10**-digits, digits)}%"
    return f"{number_format(rounded, digits)}%"


def appearances(faces: Iterable[Appearance]) -> str:
    """Return how many there were: "2 faces and 4 short appearances".

    They are called faces only if all were in view together, which shows that they are different people. Else
    two appearances may be one person, before and after a cut or an absence.
    """
    long, short = split_short(faces)
    count = len(long)
    if _in_view_together(long):
        words = ngettext("%(count)d face", "%(count)d faces", count) % {"count": count}
    else:
        words = ngettext("%(count)d appearance", "%(count)d appearances", count) % {"count": count}
    if not short:
        return words
    brief = ngettext("%(count)d short appearance", "%(count)d short appearances", len(short))
    return enumeration([words, brief % {"count": len(short)}])


def _in_view_together(faces: Sequence[Appearance]) -> bool:
    # More than one second in common: both sides of a cut may have the second in which it was.
    return len(faces) < 2 or max(face.first for face in faces) < min(face.last for face in faces)


def enumeration(parts: list[str]) -> str:
    return get_text_list(parts, _("and"))

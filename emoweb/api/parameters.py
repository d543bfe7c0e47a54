"""Checks that each request parameter is known and given once, so that a misspelled one is never ignored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from emoweb.api.errors import ApiError

SHOWN_LENGTH = 60


def check_parameters(request: HttpRequest, *known: str) -> None:
    """Raise ApiError, naming the parameter, where the query has one that is not `known` or repeats one."""
    if name := unknown_name(request.GET, known):
        message = _("There is no parameter %(name)s here: use %(known)s.") % {
            "name": name,
            "known": ", ".join(known) or _("none"),
        }
        raise ApiError("bad_parameter", message)
    if name := repeated_name(request.GET.lists()):
        message = _("The parameter %(name)s is given more than once: give it once.") % {"name": name}
        raise ApiError("bad_parameter", message)


def unknown_name(names: Iterable[str], known: Collection[str]) -> str | None:
    """Return the first name that is not `known`, shortened to be shown; None where all are."""
    return next((name[:SHOWN_LENGTH] for name in names if name not in known), None)


def repeated_name(lists: Iterable[tuple[str, Sequence[object]]]) -> str | None:
    """Return the first name that has several values; None where none has."""
    return next((name for name, values in lists if len(values) > 1), None)

"""Why a film is not analysed: a code for programs, a status for HTTP, a sentence for people."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from emoweb.refusal import Refused

# What each refusal is in HTTP.
STATUS: Final = {
    "empty": 400,
    "damaged": 400,
    "no_video": 400,
    "no_frames": 400,
    "bad_wish": 400,
    "bad_part": 409,
    "other_file": 409,
    "too_large": 413,
    "too_long": 413,
    "too_many_pixels": 413,
    "not_a_film": 415,
    "too_many": 429,
    "failed": 500,
    "no_space": 507,
    "busy": 503,
}


class FilmRefused(Refused):
    """A film that is not analysed; `code` is one of `STATUS`."""

    statuses = STATUS

    @property
    def message(self) -> str:
        """One sentence in the visitor's language that says what to do."""
        return sentence(self.code)


def sentence(code: str) -> str:
    """What a refusal says in the visitor's language."""
    sentences = {
        "empty": _("The file is empty: choose another."),
        "damaged": _("The film is damaged or cut short: save it anew or choose another."),
        "no_video": _("The file has no video track: choose a film with pictures."),
        "no_frames": _("The film has no frames that can be read: choose another."),
        "bad_wish": _("This choice is not on offer here: load the page again and choose anew."),
        "bad_part": _("The upload was interrupted: send the film again."),
        "other_file": _("This is another file: choose the one whose upload was interrupted."),
        "too_large": _("The film is over {size} MB: make it smaller and send it again.").format(
            size=settings.VIDEO_MAX_MB
        ),
        "too_long": _("The film is over {minutes} minutes: cut it and send it again.").format(
            minutes=settings.VIDEO_MAX_MINUTES
        ),
        "too_many_pixels": _("The film's pictures are too large: make them 4096 x 2304 at most."),
        "not_a_film": _(
            "This is not an MP4, WebM, MKV, MOV, AVI, MPEG, WMV or FLV video: save it as one of these."
        ),
        "too_many": _("You have many films here already: delete one and try again."),
        "failed": _("The film could not be analysed: try another."),
        "no_space": _("The server has no room for the film now: try again later."),
        "busy": _("The server is starting: try again in a few seconds."),
    }
    return sentences[code]

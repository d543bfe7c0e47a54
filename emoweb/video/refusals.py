"""Why a video is rejected: a code for programs, a status for HTTP, a message for people."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from emoweb.errors import WebError

# The HTTP status of each refusal; `emoweb/errors.py` documents who has to act on each status.
STATUS: Final = {
    "empty": 400,
    "damaged": 400,
    "no_video": 400,
    "no_frames": 400,
    "bad_options": 400,
    "bad_part": 409,
    "other_file": 409,
    "too_large": 413,
    "too_long": 413,
    "too_many_pixels": 413,
    "not_a_video": 415,
    "too_many": 429,
    "failed": 500,
    "no_space": 507,
    "busy": 503,
}


class VideoRejected(WebError):
    """A video that cannot be analyzed; `code` is one of `STATUS`."""

    statuses = STATUS

    @property
    def message(self) -> str:
        """One sentence in the visitor's language on what to do."""
        return sentence(self.code)


def sentence(code: str) -> str:
    """Return a code's message in the visitor's language; a general one for the code of another version."""
    sentences = {
        "empty": _("The file is empty. Choose another file."),
        "damaged": _("The video is damaged or incomplete. Export it again or choose another file."),
        "no_video": _("The file has no video track. Choose another file."),
        "no_frames": _("The video has no readable frames. Choose another file."),
        "bad_options": _("This option is not available. Reload the page and choose again."),
        "bad_part": _("The upload was interrupted. Upload the video again."),
        "other_file": _("This is a different file. Choose the one whose upload was interrupted."),
        "too_large": _("The video is larger than {size} MB. Make it smaller and upload it again.").format(
            size=settings.VIDEO_MAX_MB
        ),
        "too_long": _("The video is longer than {minutes} minutes. Shorten it and upload it again.").format(
            minutes=settings.VIDEO_MAX_MINUTES
        ),
        "too_many_pixels": _("The resolution of the video is too high. The maximum is 4096 × 2304 pixels."),
        "not_a_video": _(
            "This is not an MP4, WebM, MKV, MOV, AVI, MPEG, WMV or FLV video. Export it as one of these."
        ),
        "too_many": _("You have reached the maximum number of videos. Delete one and try again."),
        "failed": _("The video could not be analyzed. Try another file."),
        "no_space": _("The server does not have enough free space. Try again later."),
        "busy": _("The server is starting. Try again in a few seconds."),
    }
    return sentences.get(code, sentences["failed"])

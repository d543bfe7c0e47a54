"""Why an image is not analysed: a code for programs, a status for HTTP, a sentence for people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from emoweb.photo.formats import names
from emoweb.refusal import Refused

MAX_IMAGE_BYTES: Final = 20_000_000

# What each refusal is in HTTP.
STATUS: Final = {
    "empty": 400,
    "bad_image": 400,
    "unknown_model": 400,
    "unknown_labels": 400,
    "too_large": 413,
    "too_many_pixels": 413,
    "unsupported_type": 415,
    "failed": 500,
    "busy": 503,
}


class ImageRefused(Refused):
    """An image that is not analysed; `code` is one of `STATUS`."""

    statuses = STATUS

    @property
    def message(self) -> str:
        """One sentence in the visitor's language that says what to do."""
        return sentences()[self.code]


def sentences() -> dict[str, str]:
    """What each refusal says in the visitor's language."""
    return {
        "empty": _("The file is empty: choose another."),
        "bad_image": _("The image is damaged or cut short: export it again or choose another file."),
        "unknown_model": _("This model is not served here: choose one of those on offer."),
        "unknown_labels": _("The model cannot answer in these labels: choose one of its own label sets."),
        "too_large": _("The file is over 20 MB: make the picture smaller and send it again."),
        "too_many_pixels": _("The picture has over 50 megapixels: make it smaller and send it again."),
        "unsupported_type": _("This is not an image in a format that is read here (%(formats)s): convert it.")
        % {"formats": names()},
        "failed": _("The picture could not be analysed: try another."),
        "busy": _("Too many pictures are waiting: try again in a few seconds."),
    }

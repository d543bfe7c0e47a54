"""Why an image is rejected: a code for programs, a status for HTTP, a message for people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from emoweb.errors import WebError
from emoweb.images.formats import names

MAX_IMAGE_BYTES: Final = 20_000_000

# The HTTP status of each refusal; `emoweb/errors.py` documents who has to act on each status.
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


class ImageRefused(WebError):
    """An image that is not analyzed; `code` is one of `STATUS`."""

    statuses = STATUS

    @property
    def message(self) -> str:
        """One sentence in the visitor's language that says what to do."""
        return sentences()[self.code]


def sentences() -> dict[str, str]:
    """What each refusal says in the visitor's language."""
    return {
        "empty": _("The file is empty. Choose another file."),
        "bad_image": _("The image is damaged or incomplete. Export it again or choose another file."),
        "unknown_model": _("This model is not available. Choose one of the listed models."),
        "unknown_labels": _("The model does not support this label set. Choose one of its own label sets."),
        "too_large": _("The file is larger than 20 MB. Reduce the image and send it again."),
        "too_many_pixels": _("The image is larger than 50 megapixels. Reduce it and send it again."),
        "unsupported_type": _(
            "The image format is not supported. Convert the image to one of these formats: %(formats)s."
        )
        % {"formats": names()},
        "failed": _("The image could not be analyzed. Try another file."),
        "busy": _("Too many images are queued. Try again in a few seconds."),
    }

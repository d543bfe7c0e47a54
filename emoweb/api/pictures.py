"""The image in a request: a form field, or the complete body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from emoweb.api.failures import Failure
from emoweb.photo.refusals import MAX_PICTURE_BYTES, PictureRefused

FIELD: Final = "image"
FORM: Final = "multipart/form-data"
PICTURE_TYPES: Final = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True, slots=True)
class SentPicture:
    """An image's bytes and its file name; None for a bare body."""

    data: bytes
    name: str | None


def sent_picture(request: HttpRequest) -> SentPicture:
    """Return the uploaded image. Raises PictureRefused, or Failure for an invalid form."""
    kind = (request.content_type or "").lower()
    if kind == FORM:
        upload = _upload(request)
        return SentPicture(_at_most(upload), upload.name)
    if kind not in PICTURE_TYPES:
        # An empty file is reported as empty, whatever its declared type.
        raise PictureRefused("unsupported_type" if request.read(1) else "empty")
    return SentPicture(_at_most(request), None)


def _upload(request: HttpRequest) -> UploadedFile[bytes]:
    try:
        upload = request.FILES.get(FIELD)
    except RequestDataTooBig as error:
        raise PictureRefused("too_large") from error
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise Failure(400, "bad_form", _("The form is incomplete. Send it again.")) from error
    if not isinstance(upload, UploadedFile):
        raise Failure(400, "no_image", _("The form has no file named “image”. Add one."))
    return upload


def _at_most(source: HttpRequest | UploadedFile[bytes]) -> bytes:
    # Not request.body: Django refuses one over 2.5 MB, for forms' sake.
    try:
        data: bytes = source.read(MAX_PICTURE_BYTES + 1)
    except UnreadablePostError as error:
        raise Failure(400, "bad_request", _("The upload was incomplete. Send the image again.")) from error
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureRefused("too_large")
    return data

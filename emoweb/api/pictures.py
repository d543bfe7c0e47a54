"""The image in a request: a form field, or the complete body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from emoweb.api.errors import ApiError
from emoweb.api.parameters import unknown_name
from emoweb.images.refusals import MAX_IMAGE_BYTES, ImageRefused

FIELD: Final = "image"
FORM: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SentPicture:
    """An image's bytes and its file name; None for a bare body."""

    data: bytes
    name: str | None


def sent_picture(request: HttpRequest) -> SentPicture:
    """Return the uploaded image. Raises ImageRefused, or ApiError for an invalid form.

    Content-Type only distinguishes a form from a plain body: programs send images under all kinds of types.
    """
    if (request.content_type or "").lower() == FORM:
        upload = _upload(request)
        return SentPicture(_at_most(upload), upload.name)
    return SentPicture(_at_most(request), None)


def _upload(request: HttpRequest) -> UploadedFile[bytes]:
    try:
        files, texts = request.FILES, request.POST
    except RequestDataTooBig as error:
        raise ImageRefused("too_large") from error
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise ApiError("bad_form", _("The form is incomplete. Send it again.")) from error
    if name := unknown_name([*files, *texts], {FIELD}):
        message = _(
            "The form has an unknown field %(name)s. Send only the file “image”, and parameters in the URL."
        )
        raise ApiError("bad_form", message % {"name": name})
    uploads = files.getlist(FIELD)
    if not uploads:
        raise ApiError("no_image", _("The form has no file named “image”. Add one."))
    if len(uploads) > 1 or FIELD in texts:
        message = _("The form has several fields %(name)s. Send one image per request.") % {"name": FIELD}
        raise ApiError("bad_form", message)
    upload: UploadedFile[bytes] = uploads[0]
    return upload


def _at_most(source: HttpRequest | UploadedFile[bytes]) -> bytes:
    # Not request.body: Django refuses one over 2.5 MB, for forms' sake.
    try:
        data: bytes = source.read(MAX_IMAGE_BYTES + 1)
    except UnreadablePostError as error:
        raise ApiError("bad_request", _("The upload was incomplete. Send the image again.")) from error
    if len(data) > MAX_IMAGE_BYTES:
        raise ImageRefused("too_large")
    return data

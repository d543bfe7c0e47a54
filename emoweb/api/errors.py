"""The API's own errors; those of images have their codes in emoweb/images/refusals.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from emoweb.errors import WebError

STATUS: Final = {
    "bad_form": 400,
    "bad_parameter": 400,
    "bad_request": 400,
    "no_image": 400,
    "unauthorised": 401,
    "not_found": 404,
    "rate_limited": 429,
}


class ApiError(WebError):
    """A request that the API refuses; `code` is one of `STATUS`."""

    statuses = STATUS

    def __init__(self, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Also take the message, which says what is wrong with the request."""
        super().__init__(code)
        self._message = message
        self._headers = dict(headers or {})

    @property
    def message(self) -> str:
        """The given message."""
        return self._message

    @property
    def headers(self) -> dict[str, str]:
        """The given headers."""
        return self._headers

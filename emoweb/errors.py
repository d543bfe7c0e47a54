"""The errors that the site answers requests with: always `{error: {code, message}}`.

    WebError
    ├── ImageRefused    an image that is not analyzed    (emoweb/images/refusals.py)
    ├── VideoRejected   a video that is not analyzed     (emoweb/video/refusals.py)
    └── ApiError        any other request to the API     (emoweb/api/errors.py)

The status says who has to act. 4xx: the sender, and the message says how. 503: nobody; the request may be
repeated after a few seconds. 500 and 507: the operator, for whom Django logs the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, JsonResponse

# Enough for a full queue to drain and for an engine to start.
RETRY_AFTER_S: Final = 5
View = Callable[..., HttpResponse]


class WebError(Exception):
    """An error response, raised where the error is detected."""

    # The HTTP status of each code.
    statuses: ClassVar[Mapping[str, int]]

    def __init__(self, code: str) -> None:
        """Take the machine-readable code, a key of `statuses`."""
        super().__init__(code)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.statuses[self.code]

    @property
    def message(self) -> str:
        """One sentence in the visitor's language that says what to do."""
        raise NotImplementedError

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the status."""
        return {"Retry-After": str(RETRY_AFTER_S)} if self.status == 503 else {}

    def response(self) -> JsonResponse:
        """Return the response."""
        return error_response(self.status, self.code, self.message, self.headers)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """Return an error in the common format."""
    return {"error": {"code": code, "message": message}}


def error_response(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Return the response of an error."""
    return JsonResponse(error_body(code, message), status=status, headers=dict(headers or {}))


def json_errors(view: View) -> View:
    """Make a view return the response of a WebError that it raises."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *args, **options)
        except WebError as error:
            return error.response()

    return answer

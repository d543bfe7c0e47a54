"""The API's error responses: always `{error: {code, message}}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from emoweb import features

API = "/api/v1/"


class Failure(Exception):
    """An error response, raised where the error is detected."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take the HTTP status, a code for programs, and one sentence that says what to do."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> JsonResponse:
        """Return the response."""
        return error_response(self.status, self.code, self.message, self.headers)


def error_response(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Return an error in the API's one form."""
    body = {"error": {"code": code, "message": message}}
    return JsonResponse(body, status=status, headers=dict(headers or {}))


class JsonFailuresMiddleware(MiddlewareMixin):
    """Converts every error page below /api/v1/ into the API's error format; the status stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Step aside where the API is disabled: its addresses are missing pages like any other."""
        if not features.is_enabled("api"):
            raise MiddlewareNotUsed
        super().__init__(get_response)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Replace responses that are not JSON; keep the headers that matter to clients."""
        kind = response.headers.get("Content-Type", "")
        if response.status_code < 400 or not request.path.startswith(API) or kind == "application/json":
            return response
        kept = {name: value for name, value in response.headers.items() if name in {"Allow", "Retry-After"}}
        code, message = _code_and_message(response.status_code)
        return error_response(response.status_code, code, message, kept)


def _code_and_message(status: int) -> tuple[str, str]:
    if status == 404:
        return "not_found", _("Not found. See /api/ for the available endpoints.")
    if status == 405:
        return "wrong_method", _("Method not allowed. See /api/.")
    if status == 413:
        return "too_large", _("The file is larger than 20 MB. Reduce the image and send it again.")
    if status < 500:
        return "bad_request", _("The request is malformed. See /api/ for the expected format.")
    return "server_error", _("Server error. Try again later.")

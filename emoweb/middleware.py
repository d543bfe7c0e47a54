"""Responses that no Django setting covers: static files, a security header, the errors of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from servestatic.middleware import ServeStaticMiddleware

from emoweb import features
from emoweb.errors import error_response

API: Final = "/api/v1/"


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Allows the camera for this site only, and no other device."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header to every response."""
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class StaticFilesMiddleware(ServeStaticMiddleware):  # type: ignore[misc]  # servestatic is untyped
    """Serves static files; under the versioned prefix they never change and need no revalidation."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Return whether browsers may cache the file permanently; in debug mode files do change."""
        return not settings.DEBUG and url.startswith(self.static_prefix)


class JsonErrorsMiddleware(MiddlewareMixin):
    """Converts every error page below /api/v1/ into the API's error format; the status stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Raise MiddlewareNotUsed where the API is disabled: its URLs are then ordinary missing pages."""
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

"""Static files that may be kept for ever, and a response header that no Django setting covers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from servestatic.middleware import ServeStaticMiddleware


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Lets this site alone use the camera, and nobody any other device."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header to every response."""
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class StaticFilesMiddleware(ServeStaticMiddleware):  # type: ignore[misc]  # servestatic is untyped
    """Serves static files; under the versioned prefix a file never changes, so nobody need ask again."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Return whether browsers may keep the file for ever; while debugging files do change."""
        return not settings.DEBUG and url.startswith(self.static_prefix)

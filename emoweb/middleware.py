"""Static files with long-lived caching, and a response header that no Django setting covers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from servestatic.middleware import ServeStaticMiddleware


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

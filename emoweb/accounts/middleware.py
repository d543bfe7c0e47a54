"""For sites that require accounts: visitors who are not signed in only see the public pages."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# The API answers with 401, as programs expect; allauth marks its own pages.
OPEN_TO_ALL: Final = ("/privacy/", "/models/", "/health", "/metrics", "/api/", "/i18n/")


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects visitors who are not signed in to the sign-in page."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Pass requests of signed-in users, and requests for public pages."""
        if request.path.startswith(OPEN_TO_ALL):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

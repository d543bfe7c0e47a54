"""Where accounts are required: who is not signed in sees the pages that explain, and the one to sign in."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# The API answers for itself (401), as programs expect; allauth marks its own pages.
OPEN_TO_ALL: Final = ("/privacy/", "/models/", "/health", "/metrics", "/api/", "/i18n/")


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends everybody else to the page where one signs in."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let pass who is signed in, and everybody to what is open to all."""
        if request.path.startswith(OPEN_TO_ALL):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

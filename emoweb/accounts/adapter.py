"""Adapts allauth to this site."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from emoweb.visitors import address_of


def shown_name(user: Any) -> str:
    """Return the user's display name: the email address, as accounts have no other name."""
    return str(user.email)


class AccountAdapter(DefaultAccountAdapter):
    """Counts attempts by the same client address as the API's rate limit."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address; behind a trusted proxy the one that the proxy saw."""
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the account's page."""
        return reverse("account")

"""Where allauth asks this site."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from emoweb.api.rate_limit import address_of


def shown_name(user: Any) -> str:
    """Return what people are called: by the address they sign in with, the only name there is."""
    return str(user.email)


class AccountAdapter(DefaultAccountAdapter):
    """Counts attempts by the address that the API's limit counts by."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address; behind a trusted proxy the one that the proxy saw."""
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the account's page."""
        return reverse("account")

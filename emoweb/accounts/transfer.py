"""Transfers a visitor's data to the account that they sign in to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from emoweb import owned_data
from emoweb.visitors import account_owner, visitor_of_request


def transfer_to_account(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    """Transfer what this browser's visitor owns to the signed-in account."""
    visitor, account = visitor_of_request(request), account_owner(user)
    if visitor is not None and account is not None:
        owned_data.transfer(visitor, to=account)
